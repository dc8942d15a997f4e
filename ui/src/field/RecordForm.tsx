import { useEffect, useState } from 'react';
import { Form, type FormInstance } from 'antd';
import { ApiError } from '@/api/client';
import { useModel } from '@/api/meta';
import type { Entity, Field } from '@/api/types';
import { ErrorNotice } from '@/part/ErrorNotice';
import { FieldInput } from './FieldInput';
import { FieldItem } from './FieldItem';

/** What a new record begins with: what the server would take, and an option that must be there as the first one. */
export function startValues(fields: Field[]): Record<string, unknown> {
  return Object.fromEntries(fields.flatMap((field) => {
    const first = field.type === 'option' && field.required ? field.options?.[0]?.code : field.standard;
    return first === undefined ? [] : [[field.name, first]];
  }));
}

interface Props {
  entity: Entity;
  form: FormInstance;
  fields: Field[];
  values?: Record<string, unknown>;
  onSubmit: (values: Record<string, unknown>) => void;
  /** With a head for each group of fields; else in the order given. */
  grouped?: boolean;
  /** What the server said to the last attempt; put under the fields it names. */
  error?: unknown;
}

/** What one asks first: what must be there, what one finds it by, what lists show, whose it is, the rest. */
function rank(field: Field): number {
  if (field.required) return 0;
  if (field.searched) return 1;
  if (field.name === 'owner_id') return 3;
  return field.listed ? 2 : 4;
}

/** Fields a person fills in for a new record, the ones that matter first. */
export function formFields(entity: Entity): Field[] {
  return entity.fields
    .filter((field) => field.writable && !field.read_only && field.type !== 'json'
      && (!field.system || field.name === 'owner_id') && (field.type !== 'reference' || !!field.target))
    .sort((a, b) => rank(a) - rank(b));
}

/** The fields of a record as a form, by metadata. Errors of the server stand under their field. */
export function RecordForm({ entity, form, fields, values, onSubmit, grouped, error }: Props) {
  const model = useModel();
  const [general, setGeneral] = useState<unknown>(null);
  useEffect(() => {
    setGeneral(null);
    if (!error) return;
    const byField = error instanceof ApiError ? error.fieldErrors() : {};
    const named = fields.filter((field) => byField[field.name]);
    form.setFields(named.map((field) => ({ name: field.name, errors: [byField[field.name] ?? ''] })));
    const first = named[0];
    if (first) form.scrollToField(first.name, { block: 'center', focus: true });
    else setGeneral(error);
  }, [error, fields, form]);

  const head = fields[0]?.group ?? '';
  const groups = Map.groupBy(fields, (field) => (grouped && !field.system ? field.group ?? '' : head));
  return (
    <Form
      form={form}
      layout="vertical"
      initialValues={values}
      onFinish={onSubmit}
      requiredMark={false}
    >
      {general !== null && <ErrorNotice error={general} />}
      {[...groups].map(([group, members]) => (
        <section key={group} className="form-group">
          {groups.size > 1 && <h3>{model.groupLabel(group)}</h3>}
          {members.map((field) => (
            <FieldItem key={field.name} field={field}><FieldInput filled field={field} /></FieldItem>
          ))}
        </section>
      ))}
      <input type="submit" hidden aria-label={entity.label} />
    </Form>
  );
}
