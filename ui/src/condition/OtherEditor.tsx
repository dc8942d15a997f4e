import { Input, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { Condition, Entity, EventLeaf, OtherLeaf } from '@/api/types';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { DayInput } from '@/part/DayInput';
import { followedEvents, groupEvents, useEventTypes } from '@/pages/settings/eventTypes';
import { ConditionEditor } from './ConditionEditor';
import { behaviours, daysOf, properties, timesOf, windowOf, withoutCount, withTimes, withWindow, type Times, type Window } from './other';

interface EventProps {
  entity: Entity;
  leaf: EventLeaf;
  onChange: (leaf: EventLeaf) => void;
}

function TypeSelect({ entity, leaf, onChange }: EventProps) {
  const { t } = useTranslation();
  const { data: types = [] } = useEventTypes();
  const own = { label: t('event.behaviour'), options: behaviours.map(({ type, label }) => ({ value: type, label: t(label) })) };
  const known = new Set(behaviours.map(({ type }) => type));
  const others = groupEvents(followedEvents(types, entity.name), t('event.other')).map((group) => ({
    label: group.label,
    options: group.types.filter(({ type }) => !known.has(type) && !/^(tag|segment)\.|\.updated$/.test(type)).map(({ type, label }) => ({ value: type, label: `${group.label} · ${label}` })),
  }));
  return (
    <Select
      className="middle" aria-label={t('condition.event')} showSearch={{ optionFilterProp: 'label' }} popupMatchSelectWidth={false}
      value={leaf.event} options={[own, ...others.filter(({ options }) => options.length > 0)]} onChange={(event) => onChange({ ...leaf, event })}
    />
  );
}

function WindowInput({ leaf, onChange }: Omit<EventProps, 'entity'>) {
  const { t } = useTranslation();
  const window = windowOf(leaf);
  const windows: Window[] = ['within', 'older_than', 'between', 'ever'];
  const days = (next: number | null) => next && onChange({ ...leaf, [window]: `${next}d` });
  const [from = '', to = ''] = leaf.between ?? [];
  return (
    <>
      <Select
        aria-label={t('event.window')} value={window} popupMatchSelectWidth={false} onChange={(next: Window) => onChange(withWindow(leaf, next))}
        options={windows.map((value) => ({ value, label: t(`event.window_${value}`) }))}
      />
      {(window === 'within' || window === 'older_than') && (
        <InputNumber className="small-number" aria-label={t('condition.days')} min={1} max={3650} precision={0} suffix={t('condition.days')} value={daysOf(leaf.within ?? leaf.older_than)} onChange={days} />
      )}
      {window === 'between' && (
        <>
          <DayInput className="middle" label={t('event.from')} value={from} onChange={(day) => onChange({ ...leaf, between: [day, to] })} />
          <DayInput className="middle" label={t('event.to')} value={to} first={from} onChange={(day) => onChange({ ...leaf, between: [from, day] })} />
        </>
      )}
    </>
  );
}

function TimesInput({ leaf, onChange }: Omit<EventProps, 'entity'>) {
  const { t } = useTranslation();
  const times = timesOf(leaf);
  const all: Times[] = ['least', 'most', 'never'];
  const n = leaf.count?.gte ?? leaf.count?.lte ?? 1;
  if (leaf.older_than) return null;
  return (
    <>
      <Select
        aria-label={t('event.times')} value={times} popupMatchSelectWidth={false} onChange={(next: Times) => onChange(withTimes(leaf, next, Math.max(1, n)))}
        options={all.map((value) => ({ value, label: t(`event.times_${value}`) }))}
      />
      {times !== 'never' && (
        <InputNumber className="small-number" aria-label={t('event.times')} min={1} max={1_000_000} precision={0} suffix={t('event.times_unit')} value={n} onChange={(next) => next && onChange(withTimes(leaf, times, next))} />
      )}
    </>
  );
}

function PropertyInput({ leaf, onChange }: Omit<EventProps, 'entity'>) {
  const { t } = useTranslation();
  const { where, ...rest } = leaf;
  const choose = (field: string | undefined) => onChange(field ? { ...rest, where: { field, op: where?.op ?? (field === 'path' ? 'starts_with' : 'eq'), value: where?.value ?? '' } } : rest);
  return (
    <>
      <Select
        aria-label={t('event.property')} placeholder={t('event.property')} allowClear value={where?.field} popupMatchSelectWidth={false} onChange={choose}
        options={properties.map((value) => ({ value, label: t(`event.property_${value}`) }))}
      />
      {where && (
        <>
          <Select
            aria-label={t('condition.operator')} value={where.op} popupMatchSelectWidth={false} onChange={(op) => onChange({ ...rest, where: { ...where, op } })}
            options={(['eq', 'starts_with'] as const).map((value) => ({ value, label: t(`op.${value}`) }))}
          />
          <Input className="middle" aria-label={t(`event.property_${where.field as 'path'}`)} maxLength={120} value={where.value} onChange={(event) => onChange({ ...rest, where: { ...where, value: event.target.value } })} />
        </>
      )}
    </>
  );
}

interface Props {
  entity: Entity;
  leaf: OtherLeaf;
  onChange: (leaf: OtherLeaf) => void;
}

/** A leaf that asks for no field: a tag, a segment, what a person did, related records. */
export function OtherEditor({ entity, leaf, onChange }: Props) {
  const { t } = useTranslation();
  const model = useModel();
  if ('tag' in leaf) return <span className="middle"><ReferenceSelect target="tag" label={t('condition.tag')} value={leaf.tag || null} clearable={false} onChange={(tag) => onChange({ tag: tag ?? '' })} /></span>;
  if ('segment' in leaf) return <span className="middle"><ReferenceSelect target="segment" label={t('condition.segment')} value={leaf.segment || null} clearable={false} onChange={(segment) => onChange({ segment: segment ?? '' })} /></span>;
  if ('event' in leaf) {
    return (
      <div className="event-parts">
        <TypeSelect entity={entity} leaf={leaf} onChange={onChange} />
        <WindowInput leaf={leaf} onChange={onChange} />
        <TimesInput leaf={leaf} onChange={onChange} />
        <PropertyInput leaf={leaf} onChange={onChange} />
      </div>
    );
  }
  const related = model.named(leaf.related);
  const { where, ...rest } = leaf;
  const change = (next: Condition | null) => onChange(next ? { ...rest, where: next } : rest);
  const least = (n: number | null) => n && onChange(n > 1 ? { ...leaf, count: { gte: n } } : withoutCount(leaf));
  return related ? (
    <div className="leaf-below">
      <InputNumber className="small-number" aria-label={t('condition.related_least')} prefix={t('event.times_least')} suffix={t('condition.related_unit')} min={1} max={1000} precision={0} value={leaf.count?.gte ?? 1} onChange={least} />
      <ConditionEditor entity={related} value={where} onChange={change} />
    </div>
  ) : null;
}
