import { useEffect, useState } from 'react';
import { Form, type FormInstance } from 'antd';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { useModel } from '@/api/meta';
import type { Entity, Field } from '@/api/types';
import { ErrorNotice } from '@/part/ErrorNotice';
import { FieldInput } from './FieldInput';

/** What a new record begins with: an option that must be there starts as the first one. */
export function startValues(fields: Field[]): Record<string, unknown> {
  return Object.fromEntries(fields.flatMap((field) => {
    const first = field.type === 'option' && field.required ? field.options?.[0]?.code : undefined;
    return first === undefined ? [] : [[field.name, first]];
  }));
}

interface Props {
  entity: Entity;
  form: FormInstance;
  fields: Field[];
  values?: Record<string, unknown>;
  onSubmit: (values: Record<string, unknown>) => void;
  /** What the server said to the last attempt; put under the fields it names. */
  error?: unknown;
}

/** Fields a person fills in for a new record: the required ones first, then those lists show. */
export function formFields(entity: Entity): Field[] {
  const writable = entity.fields.filter(
    (field) => field.writable && !field.read_only && field.type !== 'json' && (!field.system || field.name === 'owner_id'),
  );
  const first = writable.filter((field) => field.required);
  return [...first, ...writable.filter((field) => !field.required)];
}

/** The fields of a record as a form, by metadata. Errors of the server stand under their field. */
export function RecordForm({ entity, form, fields, values, onSubmit, error }: Props) {
  const { t } = useTranslation();
  const model = useModel();
  const [general, setGeneral] = useState<unknown>(null);
  useEffect(() => {
    setGeneral(null);
    if (!error) return;
    const byField = error instanceof ApiError ? error.fieldErrors() : {};
    const named = fields.filter((field) => byField[field.name]);
    form.setFields(named.map((field) => ({ name: field.name, errors: [byField[field.name] ?? ''] })));
    const first = named[0];
    if (first) form.focusField(first.name);
    else setGeneral(error);
  }, [error, fields, form]);

  const groups = Map.groupBy(fields, (field) => field.group ?? 'basic');
  return (
    <Form
      form={form}
      layout="vertical"
      initialValues={values}
      onFinish={onSubmit}
      requiredMark={(label, { required }) => (required ? label : <>{label}<span className="t3 optional">{t('form.optional')}</span></>)}
    >
      {general !== null && <ErrorNotice error={general} />}
      {[...groups].map(([group, members]) => (
        <section key={group} className="form-group">
          {groups.size > 1 && <h3>{model.groupLabel(group)}</h3>}
          {members.map((field) => (
            <Form.Item
              key={field.name}
              name={field.name}
              label={field.label}
              rules={field.required ? [{ required: true, message: t('form.required', { field: field.label }) }] : undefined}
            >
              <FieldInput field={field} />
            </Form.Item>
          ))}
        </section>
      ))}
      <input type="submit" hidden aria-label={entity.label} />
    </Form>
  );
}
