import { InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { Field, Value } from '@/api/types';
import { FieldInput } from '@/field/FieldInput';
import { titleOf, useCandidates } from '@/field/references';
import { useRecords } from '@/api/records';
import { useDeferredValue, useState } from 'react';
import { periods, type Operator } from './operators';

interface Props {
  field: Field;
  operator: Operator;
  value: Value | undefined;
  onChange: (value: Value | undefined) => void;
}

const asList = (value: Value | undefined): string[] => (Array.isArray(value) ? value.map(String) : value ? [String(value)] : []);

/** Names of the records with these ids, by id. */
export function useTitles(target: string | undefined, ids: string[]): Map<string, string> {
  const entity = useModel().named(target);
  const { data } = useRecords(
    entity?.plural ?? '', { where: { field: 'id', op: 'in', value: ids }, limit: 100 }, !!entity && ids.length > 0,
  );
  return new Map(data?.data.map((record) => [record.id, titleOf(entity, record)]));
}

function ManyReferences({ field, value, onChange }: Omit<Props, 'operator'>) {
  const [words, setWords] = useState('');
  const [open, setOpen] = useState(false);
  const ids = asList(value);
  const titles = useTitles(field.target, ids);
  const { data: candidates = [] } = useCandidates(field.target, useDeferredValue(words.trim()), open);
  return (
    <Select
      mode="multiple" className="full-width" aria-label={field.label} value={ids.map((id) => ({ value: id, label: titles.get(id) ?? id }))}
      labelInValue options={candidates} open={open} onOpenChange={setOpen} popupMatchSelectWidth={false}
      showSearch={{ filterOption: false, onSearch: setWords }}
      onChange={(next: { value: string }[]) => onChange(next.map((choice) => choice.value))}
    />
  );
}

function DaysInput({ field, value, onChange }: Omit<Props, 'operator'>) {
  const { t } = useTranslation();
  const days = Number.parseInt(String(value ?? ''), 10);
  return (
    <InputNumber
      className="full-width" aria-label={field.label} min={1} max={36500} precision={0} suffix={t('condition.days')}
      value={Number.isNaN(days) ? null : days} onChange={(next) => onChange(next ? `${next}d` : undefined)}
    />
  );
}

/** What a field is compared with, by the operator. */
export function OperandInput({ field, operator, value, onChange }: Props) {
  const { t } = useTranslation();
  const single = { ...field, required: true };
  switch (operator.operand) {
    case 'none':
      return null;
    case 'period':
      return (
        <Select
          className="full-width" aria-label={field.label} value={value as string | undefined} onChange={onChange}
          options={periods.map((period) => ({ value: period, label: t(`period.${period}`) }))}
        />
      );
    case 'days':
      return <DaysInput field={field} value={value} onChange={onChange} />;
    case 'many':
      if (field.type === 'reference') return <ManyReferences field={field} value={value} onChange={onChange} />;
      return (
        <Select
          mode="multiple" className="full-width" aria-label={field.label} value={asList(value)} onChange={onChange} optionFilterProp="label"
          popupMatchSelectWidth={false} options={field.options?.map(({ code, label }) => ({ value: code, label }))}
        />
      );
    case 'range': {
      const [from, to] = Array.isArray(value) ? value : [];
      return (
        <div className="row">
          <FieldInput field={single} value={from} onChange={(next) => onChange([(next ?? null) as Value, to ?? null])} />
          –
          <FieldInput field={single} value={to} onChange={(next) => onChange([from ?? null, (next ?? null) as Value])} />
        </div>
      );
    }
    case 'one':
      return <FieldInput field={single} value={value} onChange={(next) => onChange((next ?? undefined) as Value | undefined)} />;
  }
}
