import type { HomeItem } from '@/api/types';

export const groups = ['new', 'overdue', 'today', 'slipping'] as const;
export type Group = (typeof groups)[number];

export interface Queue {
  items: HomeItem[];
  byGroup: Map<Group, HomeItem[]>;
}

export function groupOf(item: HomeItem): Group {
  if (item.kind === 'new_lead') return 'new';
  if (item.kind === 'slipping') return 'slipping';
  return item.overdue ? 'overdue' : 'today';
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

/** What was open last, and where it stood. */
export interface Place {
  key: string;
  at: number;
}

/**
 * Which item is open: the one asked for, else the one that was, else what has come to stand in its place. So a
 * new lead that arrives above does not push aside what somebody is writing about, and the next item opens
 * itself when one is done.
 */
export function placeOf(items: HomeItem[], wanted: string | null, last: Place | null): number {
  const asked = items.findIndex((item) => itemKey(item) === wanted);
  if (asked >= 0) return asked;
  const kept = last ? items.findIndex((item) => itemKey(item) === last.key) : 0;
  return kept >= 0 ? kept : Math.max(0, Math.min(last?.at ?? 0, items.length - 1));
}
