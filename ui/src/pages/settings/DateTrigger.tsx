import { InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { fieldOf } from '@/api/meta';
import type { Entity, RecordRow } from '@/api/types';

/** The trigger of a rule that a date sets off. */
export const dateTrigger = 'date.reached';

/** When such a rule acts: so many days after the date of a field (negative: before), from an hour on. */
export interface DateRule {
  date_field: string | null;
  days: number;
  hour: number;
}

export const dateRuleOf = (rule: RecordRow | null): DateRule => ({
  date_field: (rule?.date_field as string | null) ?? null, days: Number(rule?.days ?? 0), hour: Number(rule?.hour ?? 9),
});

/** "3 days before the expected close, from 9:00 on" */
export function useDateText(): (entity: Entity, rule: DateRule) => string {
  const { t } = useTranslation();
  return (entity, { date_field, days, hour }) => {
    const field = fieldOf(entity, date_field ?? '')?.label ?? date_field ?? '';
    const when = days === 0 ? t('automation.date_on', { field }) : t(days < 0 ? 'automation.date_before' : 'automation.date_after', { field, count: Math.abs(days) });
    return t('automation.date_from', { when, hour });
  };
}

interface Props {
  entity: Entity;
  value: DateRule;
  onChange: (value: DateRule) => void;
}

/** Which date, how many days before or after it, from what hour on. */
export function DateTrigger({ entity, value, onChange }: Props) {
  const { t } = useTranslation();
  const dates = entity.fields.filter(({ name, type }) => (type === 'date' || type === 'instant') && name !== 'deleted_at').map(({ name, label }) => ({ value: name, label }));
  const side = Math.sign(value.days);
  const set = (more: Partial<DateRule>) => onChange({ ...value, ...more });
  const sides = [-1, 0, 1].map((one) => ({ value: one, label: t(one < 0 ? 'automation.side_before' : one > 0 ? 'automation.side_after' : 'automation.side_on') }));
  const hours = Array.from({ length: 24 }, (_, hour) => ({ value: hour, label: t('automation.hour_from', { hour }) }));
  return (
    <>
      <div className="row wrap">
        <Select className="grow" aria-label={t('automation.date_field')} placeholder={t('automation.date_field')} value={value.date_field} showSearch={{ optionFilterProp: 'label' }} options={dates} onChange={(date_field) => set({ date_field })} />
        <Select aria-label={t('automation.side')} value={side} options={sides} onChange={(next) => set({ days: next * Math.max(1, Math.abs(value.days)) })} />
        {side !== 0 && <InputNumber aria-label={t('automation.days')} min={1} max={3650} precision={0} suffix={t('automation.days')} value={Math.abs(value.days)} onChange={(days) => set({ days: side * (days ?? 1) })} />}
        <Select aria-label={t('automation.hour')} value={value.hour} options={hours} onChange={(hour) => set({ hour })} />
      </div>
      <span className="t2 small-text">{t('automation.date_hint')}</span>
    </>
  );
}
