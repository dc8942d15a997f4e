import { DatePicker, Input, InputNumber, Select, Switch } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import type { Field, Money } from '@/api/types';
import { shiftLeft, shiftRight } from '@/format/format';
import { instantOfWall, wallOfInstant } from '@/format/zone';
import { isMarked } from './editable';
import { Status, isMoney } from './FieldValue';
import { ReferenceSelect } from './ReferenceSelect';

interface Props {
  field: Field;
  value?: unknown;
  onChange?: (value: unknown, title?: string) => void;
  /** Given by a form for its label. */
  id?: string;
  /** Edited where it stands: focus at once, lists already open, small. */
  inline?: boolean;
  /** Name of the record a reference points to, where known. */
  title?: string;
  onBlur?: () => void;
  /** Of a whole form: yes or no is a switch. Elsewhere neither may be chosen, which a switch could not show. */
  filled?: boolean;
}

const decimal = /^-?\d*(?:\.\d*)?$/;

/** Digits only, kept as a string: an amount never becomes a binary fraction. */
function DecimalInput({ value, onChange, ...rest }: {
  value: string; onChange: (value: string | null) => void;
  id?: string; autoFocus?: boolean; 'aria-label'?: string; prefix?: string; suffix?: string; size?: 'small' | 'middle'; onBlur?: () => void;
}) {
  return (
    <Input
      {...rest}
      inputMode="decimal"
      value={value}
      onChange={(event) => {
        const text = event.target.value.replace(/[,，\s]/g, '');
        if (decimal.test(text)) onChange(text === '' ? null : text);
      }}
    />
  );
}

/** A part of one, written in percent; what is being typed ("12.") stays as it is. */
function ShareInput({ value, onChange, ...rest }: Omit<Parameters<typeof DecimalInput>[0], 'prefix'>) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed !== null && shiftLeft(typed) === value ? typed : value === '' ? '' : shiftRight(value);
  return (
    <DecimalInput
      {...rest} value={shown} suffix="%"
      onChange={(percent) => { setTyped(percent); onChange(percent === null ? null : shiftLeft(percent)); }}
    />
  );
}

/** The control for one field, chosen by its type. Works in forms, cells, records and conditions. */
export function FieldInput({ field, value, onChange, id, inline, title, onBlur, filled }: Props) {
  const { t } = useTranslation();
  const { company } = useSession();
  const common = {
    id, autoFocus: inline, 'aria-label': field.label, size: inline ? 'small' as const : 'middle' as const, onBlur,
  };
  const change = (next: unknown, nextTitle?: string) => onChange?.(next, nextTitle);
  switch (field.type) {
    case 'option':
      return (
        <Select
          {...common}
          className="full-width"
          defaultOpen={inline}
          value={(value as string | null) ?? undefined}
          allowClear={!field.required}
          popupMatchSelectWidth={false}
          showSearch={(field.options?.length ?? 0) > 8 ? { optionFilterProp: 'title' } : undefined}
          options={field.options?.map((option) => ({
            value: option.code, title: option.label, label: isMarked(field) ? <Status option={option} /> : option.label,
          }))}
          onChange={(next: string | undefined) => change(next ?? null)}
        />
      );
    case 'boolean':
      if (filled) return <Switch id={id} aria-label={field.label} checked={value === true} onChange={(next) => change(next)} />;
      return (
        <Select
          {...common}
          className="full-width"
          defaultOpen={inline}
          value={value as boolean | undefined}
          options={[{ value: true, label: t('field.yes') }, { value: false, label: t('field.no') }]}
          onChange={(next: boolean) => change(next)}
        />
      );
    case 'reference':
      return (
        <ReferenceSelect
          id={id} label={field.label} target={field.target} value={value as string | null} title={title}
          onChange={change} autoFocus={inline} defaultOpen={inline} clearable={!field.required} onBlur={onBlur}
        />
      );
    case 'money': {
      const money = isMoney(value) ? value : null;
      const currency = money?.currency ?? company.currency;
      return (
        <DecimalInput
          {...common} value={money?.amount ?? ''} prefix={currency === 'CNY' ? '¥' : currency}
          onChange={(amount) => change(amount === null ? null : ({ amount, currency } satisfies Money))}
        />
      );
    }
    case 'quantity':
      if (field.share) return <ShareInput {...common} value={value === null || value === undefined ? '' : String(value)} onChange={change} />;
      return <DecimalInput {...common} value={value === null || value === undefined ? '' : String(value)} onChange={change} />;
    case 'integer':
      return <InputNumber {...common} className="full-width" precision={0} value={value as number | null} onChange={change} />;
    case 'date':
      return (
        <DatePicker
          {...common} className="full-width" defaultOpen={inline} value={value ? dayjs(String(value)) : null}
          onChange={(day) => change(day ? day.format('YYYY-MM-DD') : null)}
        />
      );
    case 'instant':
      return (
        <DatePicker
          {...common} className="full-width" defaultOpen={inline} showTime={{ format: 'HH:mm', minuteStep: 5 }} format="YYYY-MM-DD HH:mm"
          value={value ? dayjs(wallOfInstant(String(value), company.time_zone)) : null}
          onChange={(at) => change(at ? instantOfWall(at.format('YYYY-MM-DDTHH:mm'), company.time_zone) : null)}
        />
      );
    case 'long_text':
      return (
        <Input.TextArea
          {...common} autoSize={{ minRows: 2, maxRows: 8 }} maxLength={field.max_length}
          value={(value as string | null) ?? ''} onChange={(event) => change(event.target.value || null)}
        />
      );
    default:
      return (
        <Input
          {...common} maxLength={field.max_length}
          type={field.type === 'email' ? 'email' : field.type === 'phone' ? 'tel' : 'text'}
          value={typeof value === 'object' && value !== null ? JSON.stringify(value) : ((value as string | null) ?? '')}
          onChange={(event) => change(event.target.value || null)}
        />
      );
  }
}
