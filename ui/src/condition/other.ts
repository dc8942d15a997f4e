import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { Entity, EventLeaf, OtherLeaf, RelatedLeaf } from '@/api/types';
import type { TextCode } from '@/text/i18n';

/** What people do on the site and with us, besides the events of records. */
export const behaviours: { type: string; label: TextCode }[] = [
  { type: 'person.active', label: 'event.active' },
  { type: 'page.viewed', label: 'event.page_viewed' },
  { type: 'link.clicked', label: 'event.link_clicked' },
  { type: 'form.started', label: 'event.form_started' },
  { type: 'custom.happened', label: 'event.custom' },
  { type: 'touch.created', label: 'event.touch' },
];

/** Properties of events that can be asked for. */
export const properties = ['path', 'name', 'utm_source', 'utm_campaign', 'utm_medium', 'source', 'campaign', 'form_id', 'channel'] as const;

const carriers = new Set(['person', 'lead', 'account']);

function ofPerson(entity: Entity): boolean {
  return entity.name === 'person' || entity.fields.some((field) => field.name === 'person_id' && field.target === 'person');
}

/** A new leaf of the kind chosen: `#tag`, `#segment`, `#event`, `#related:lead`; null for a field. */
export function otherOf(choice: string): OtherLeaf | null {
  if (choice === '#tag') return { tag: '' };
  if (choice === '#segment') return { segment: '' };
  if (choice === '#event') return { event: 'page.viewed', count: { gte: 1 }, within: '30d' };
  return choice.startsWith('#related:') ? { related: choice.slice('#related:'.length) } : null;
}

/** The choice a leaf was made by. */
export function otherValue(leaf: OtherLeaf): string {
  if ('tag' in leaf) return '#tag';
  if ('segment' in leaf) return '#segment';
  return 'event' in leaf ? '#event' : `#related:${leaf.related}`;
}

/** What can be asked of a record type besides its fields. */
export function useOtherChoices(entity: Entity): { value: string; label: string }[] {
  const { t } = useTranslation();
  const model = useModel();
  return useMemo(() => {
    const choices: { value: string; label: string }[] = [];
    if (model.named('tag') && carriers.has(entity.name)) choices.push({ value: '#tag', label: t('condition.tag') });
    if (model.named('segment') && (carriers.has(entity.name) || ofPerson(entity))) choices.push({ value: '#segment', label: t('condition.segment') });
    if (model.named('segment') && ofPerson(entity)) choices.push({ value: '#event', label: t('condition.event') });
    for (const other of model.entities) {
      const refers = other.fields.some((field) => field.type === 'reference' && field.target === entity.name && !field.system && field.filterable);
      if (refers && !other.setting && carriers.has(entity.name)) choices.push({ value: `#related:${other.name}`, label: t('condition.related', { what: other.label }) });
    }
    return choices;
  }, [entity, model, t]);
}

/** One such record is enough. */
export function withoutCount({ count: _, ...rest }: RelatedLeaf): RelatedLeaf {
  return rest;
}

export type Window = 'ever' | 'within' | 'between' | 'older_than';

export function windowOf(leaf: EventLeaf): Window {
  if (leaf.within) return 'within';
  if (leaf.between) return 'between';
  return leaf.older_than ? 'older_than' : 'ever';
}

export type Times = 'least' | 'most' | 'never';

export function timesOf(leaf: EventLeaf): Times {
  if (leaf.count?.gte) return 'least';
  return leaf.count?.lte === undefined ? 'least' : leaf.count.lte === 0 ? 'never' : 'most';
}

/** The leaf with another window; the parts of the old one go. */
export function withWindow(leaf: EventLeaf, window: Window): EventLeaf {
  const { within: _, between: __, older_than: ___, count, ...rest } = leaf;
  if (window === 'older_than') return { ...rest, older_than: leaf.within ?? '7d' };
  const counted = { ...rest, count: count ?? { gte: 1 } };
  if (window === 'within') return { ...counted, within: leaf.older_than ?? '30d' };
  return window === 'between' ? { ...counted, between: ['', ''] } : counted;
}

export function withTimes(leaf: EventLeaf, times: Times, n = 1): EventLeaf {
  const count = { least: { gte: n }, most: { lte: n }, never: { lte: 0 } }[times];
  return { ...leaf, count };
}

export function daysOf(duration: string | undefined): number | null {
  const days = Number.parseInt(duration ?? '', 10);
  return Number.isNaN(days) ? null : days;
}
