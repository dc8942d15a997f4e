import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { EventLeaf, OtherLeaf } from '@/api/types';
import { useEventText } from '@/pages/settings/eventTypes';
import { behaviours, daysOf, timesOf, windowOf } from './other';
import { useTitles } from './OperandInput';

type Words = { label: string; operator: string; operand: string };

export function useEventName(): (type: string) => string {
  const { t } = useTranslation();
  const known = useEventText();
  return (type) => {
    const behaviour = behaviours.find((one) => one.type === type);
    return behaviour ? t(behaviour.label) : known(type);
  };
}

function useEventWords(): (leaf: EventLeaf) => Words {
  const { t } = useTranslation();
  const eventName = useEventName();
  return (leaf) => {
    const name = eventName(leaf.event);
    const label = leaf.where ? t('event.at', { event: name, value: leaf.where.value }) : name;
    const window = windowOf(leaf);
    const days = daysOf(leaf.within ?? leaf.older_than) ?? 0;
    if (window === 'older_than') return { label, operator: t('event.older'), operand: t('condition.count_days', { count: days }) };
    const times = timesOf(leaf);
    const n = leaf.count?.gte ?? leaf.count?.lte ?? 1;
    const operator = window === 'within' ? t('event.within_days', { count: days }) : window === 'between' ? (leaf.between ?? []).join('–') : t('event.ever');
    return { label, operator, operand: times === 'never' ? t('event.never') : t(`event.${times}_times`, { count: n }) };
  };
}

/** A leaf that asks for no field, in words. */
export function useOtherText(leaf: OtherLeaf | undefined): Words | null {
  const { t } = useTranslation();
  const model = useModel();
  const eventWords = useEventWords();
  const target = leaf && 'tag' in leaf ? 'tag' : leaf && 'segment' in leaf ? 'segment' : undefined;
  const id = leaf && 'tag' in leaf ? leaf.tag : leaf && 'segment' in leaf ? leaf.segment : '';
  const titles = useTitles(target, /^\d+$/.test(id) ? [id] : []);
  if (!leaf) return null;
  if (target) return { label: t(`condition.${target}`), operator: t('op.eq'), operand: titles.get(id) ?? id };
  if ('event' in leaf) return eventWords(leaf);
  if (!('related' in leaf)) return null;
  const least = leaf.count ? t('condition.related_times', { count: leaf.count.gte }) : '';
  return { label: t('condition.related', { what: model.named(leaf.related)?.label ?? leaf.related }), operator: least, operand: '' };
}
