import { useEffect } from 'react';
import { Button, Form, Input, Select } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { useModel } from '@/api/meta';
import { patchRecord, refreshRecords } from '@/api/records';
import type { Entity, Field, RecordRow } from '@/api/types';
import { offerUndo } from '@/app/undo';
import { FieldInput } from '@/field/FieldInput';
import { FieldItem } from '@/field/FieldItem';
import { titleOf } from '@/field/references';
import { startValues } from '@/field/RecordForm';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { optionLines, optionsOf } from './options';
import { UserAccess } from './UserAccess';

interface InputProps {
  value?: unknown;
  onChange?: (value: unknown) => void;
  id?: string;
}

/** A record type by its name. */
function EntityInput({ value, onChange, id, label }: InputProps & { label: string }) {
  const model = useModel();
  const options = model.entities.filter(({ setting }) => !setting).map(({ name, label: text }) => ({ value: name, label: text }));
  return <Select id={id} aria-label={label} className="full-width" showSearch={{ optionFilterProp: 'label' }} allowClear value={value as string | undefined} options={options} onChange={(next: string | undefined) => onChange?.(next ?? null)} />;
}

/** Fields of a deal a stage asks for. */
function DealFieldsInput({ value, onChange, id, label }: InputProps & { label: string }) {
  const deal = useModel().named('opportunity');
  const options = (deal?.fields ?? []).filter((field) => field.writable && !field.system).map(({ name, label: text }) => ({ value: name, label: text }));
  return <Select id={id} aria-label={label} mode="multiple" className="full-width" value={Array.isArray(value) ? (value as string[]) : []} options={options} onChange={(next: string[]) => onChange?.(next)} />;
}

/** Options as lines: code=Chinese=English. */
function OptionsInput({ value, onChange, id, label }: InputProps & { label: string }) {
  const { t } = useTranslation();
  return (
    <>
      <Input.TextArea id={id} aria-label={label} autoSize={{ minRows: 3, maxRows: 10 }} defaultValue={optionLines(value)} onChange={(event) => onChange?.(optionsOf(event.target.value))} />
      <span className="t3 small-text">{t('settings.options_hint')}</span>
    </>
  );
}

function SettingInput({ entity, field, ...input }: InputProps & { entity: Entity; field: Field }) {
  if (field.name === 'entity_name' || (entity.name === 'custom_field' && field.name === 'target')) return <EntityInput {...input} label={field.label} />;
  if (entity.name === 'stage' && field.name === 'required_fields') return <DealFieldsInput {...input} label={field.label} />;
  if (entity.name === 'custom_field' && field.name === 'options') return <OptionsInput {...input} label={field.label} />;
  return <FieldInput filled field={field} value={input.value} onChange={input.onChange} id={input.id} />;
}

/** Only what differs is sent. */
function changesOf(fields: Field[], record: RecordRow | null, filled: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(fields.map(({ name }) => [name, filled[name]] as const).filter(([name, value]) =>
    value !== undefined && (record ? JSON.stringify(value) !== JSON.stringify(record[name] ?? null) : value !== null)));
}

interface Props {
  entity: Entity;
  record: RecordRow | null;
  onClose: () => void;
  /** Values of a new one that are not asked for. */
  fixed?: Record<string, unknown>;
  /** Where "new" alone does not say enough. */
  title?: string;
  /** A new one that is saved is not done with yet. */
  onMade?: (made: RecordRow) => void;
}

/** One setting, new or changed; nothing takes effect before it is saved. */
export function SettingDrawer({ entity, record, onClose, fixed, title, onMade }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm();
  const fields = entity.fields.filter((field) => !field.system && !field.read_only && field.writable && !(record && field.immutable) && !(fixed && field.name in fixed));
  const offerWayBack = (before: RecordRow, saved: RecordRow, changes: Record<string, unknown>) => {
    offerUndo(t('settings.changed', { name: String(saved[entity.title_field] ?? entity.label) }), async () => {
      await patchRecord(entity.plural, saved.id, saved.version, Object.fromEntries(Object.keys(changes).map((name) => [name, before[name] ?? null])));
      await Promise.all([refreshRecords(client, entity.plural), client.invalidateQueries({ queryKey: ['meta'] })]);
    });
  };
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: (filled: Record<string, unknown>) => {
      const changes = changesOf(fields, record, filled);
      return record ? patchRecord(entity.plural, record.id, record.version, changes) : api.post<RecordRow>(`/${entity.plural}`, { ...changes, ...fixed });
    },
    onSuccess: async (saved, filled) => {
      if (record) offerWayBack(record, saved, changesOf(fields, record, filled));
      await Promise.all([refreshRecords(client, entity.plural), client.invalidateQueries({ queryKey: ['meta'] })]);
      if (!record && onMade) onMade(saved);
      else onClose();
    },
  });
  const byField = error instanceof ApiError ? error.fieldErrors() : {};
  const named = fields.filter(({ name }) => byField[name]);
  useEffect(() => {
    if (named.length > 0) form.setFields(named.map(({ name }) => ({ name, errors: [byField[name] ?? ''] })));
  }, [error]);
  return (
    <SideSheet
      onClose={onClose} width={412} settled={isPending || isSuccess}
      title={title ?? (record ? t('settings.edit', { name: titleOf(entity, record) }) : t('frame.create_one', { entity: entity.label }))}
      footer={(
        <div className="row">
          <Button type="primary" loading={isPending} onClick={() => form.submit()}>{t('action.save')}</Button>
          <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      )}
    >
      {error && named.length === 0 && <ErrorNotice error={error} />}
      <Form form={form} layout="vertical" initialValues={record ?? startValues(fields)} onFinish={mutate} requiredMark={false}>
        {fields.map((field) => (
          <FieldItem key={field.name} field={field}><SettingInput entity={entity} field={field} /></FieldItem>
        ))}
      </Form>
      {entity.name === 'user' && record && <UserAccess userId={record.id} />}
    </SideSheet>
  );
}
