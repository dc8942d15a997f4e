import type { HomeItem } from '@/api/types';

export const groups = ['handover', 'new', 'overdue', 'today', 'slipping'] as const;
export type Group = (typeof groups)[number];

export interface Queue {
  items: HomeItem[];
  byGroup: Map<Group, HomeItem[]>;
}

export function groupOf(item: HomeItem): Group {
  if (item.kind === 'handover') return 'handover';
  if (item.kind === 'new_lead') return 'new';
  if (item.kind === 'slipping') return 'slipping';
  return item.overdue ? 'overdue' : 'today';
}

/** What is due can be put off. What waits for an answer or a first word, or is about to slip, would only stay. */
export function canWait(item: HomeItem): boolean {
  const group = groupOf(item);
  return group === 'overdue' || group === 'today';
}

export function itemKey(item: HomeItem): string {
  return `${item.entity}-${item.id}`;
}

/** A deal that is due and about to slip stands once, where it is due, with the reason. */
function once(due: HomeItem[]): HomeItem[] {
  const slips = new Map(due.filter(({ kind }) => kind === 'slipping').map((item) => [itemKey(item), item.slip]));
  const others = new Set(due.filter(({ kind }) => kind !== 'slipping').map(itemKey));
  return due.filter((item) => item.kind !== 'slipping' || !others.has(itemKey(item)))
    .map((item) => ({ ...item, slip: item.slip ?? slips.get(itemKey(item)) }));
}

/** The items in the order they are worked: by group, within it what waits longest first; slipping deals by amount, as sent. */
export function queueOf(due: HomeItem[]): Queue {
  const items = once(due);
  const byGroup = new Map<Group, HomeItem[]>();
  for (const group of groups) {
    const members = items.filter((item) => groupOf(item) === group);
    if (group !== 'slipping') members.sort((a, b) => (a.at ?? '').localeCompare(b.at ?? ''));
    if (members.length > 0) byGroup.set(group, members);
  }
  return { byGroup, items: [...byGroup.values()].flat() };
}
