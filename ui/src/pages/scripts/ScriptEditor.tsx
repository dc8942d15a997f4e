import { useState } from 'react';
import { Button, Checkbox, Form, Input, Select } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ApiError, api } from '@/api/client';
import { fieldOf, useModel } from '@/api/meta';
import { refreshRecords } from '@/api/records';
import type { RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { ErrorNotice } from '@/part/ErrorNotice';

const placeholders = ['name', 'company', 'product', 'me', 'our_company', 'city', 'amount', 'date', 'competitor'];
const texts = ['title', 'content', 'tags', 'tip'];

interface Props {
  /** What is changed; without it a new one. */
  script?: RecordRow;
  onDone: (id: string) => void;
  onCancel: () => void;
}

/** Writes or changes a script. */
export function ScriptEditor({ script, onDone, onCancel }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const entity = useModel().named('script');
  const [form] = Form.useForm<Record<string, unknown>>();
  const [error, setError] = useState<unknown>(null);
  const [saving, setSaving] = useState(false);
  const options = (name: string) => ((entity && fieldOf(entity, name)?.options) ?? []).map(({ code, label }) => ({ value: code, label }));
  const put = (word: string) => {
    const before = String(form.getFieldValue('content') ?? '');
    form.setFieldValue('content', `${before}{{${word}}}`);
    form.getFieldInstance('content')?.focus?.();
  };
  const save = async (values: Record<string, unknown>) => {
    setSaving(true);
    setError(null);
    const body = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === '' || value === undefined ? null : value]));
    try {
      const saved = script
        ? await api.patch<RecordRow>(`/scripts/${script.id}`, body, { version: script.version })
        : await api.post<RecordRow>('/scripts', Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null)));
      await refreshRecords(client, 'scripts');
      message.info(t('script.saved'));
      onDone(saved.id);
    } catch (failed) {
      const byField = failed instanceof ApiError ? failed.fieldErrors() : {};
      const named = Object.entries(byField).filter(([name]) => name in values);
      form.setFields(named.map(([name, text]) => ({ name, errors: [text] })));
      setError(named.length > 0 ? null : failed);
    } finally {
      setSaving(false);
    }
  };
  const start = Object.fromEntries([...texts, 'scene', 'objection', 'industry'].map((name) => [name, script?.[name] ?? undefined]));
  return (
    <Form form={form} layout="vertical" className="script-form" initialValues={{ ...start, enabled: script ? script.enabled : true }} onFinish={(values) => void save(values)}>
      {error !== null && <ErrorNotice error={error} />}
      <Form.Item name="title" label={t('script.title_field')} rules={[{ required: true, message: t('form.required', { field: t('script.title_field') }) }]}><Input maxLength={80} autoFocus /></Form.Item>
      <div className="script-choices">
        <Form.Item name="scene" label={t('script.scene')} rules={[{ required: true, message: t('form.required', { field: t('script.scene') }) }]}><Select options={options('scene')} /></Form.Item>
        <Form.Item name="objection" label={t('script.objection')}><Select allowClear options={options('objection')} /></Form.Item>
        <Form.Item name="industry" label={t('script.industry')}><Select allowClear options={options('industry')} /></Form.Item>
      </div>
      <Form.Item
        name="content" label={t('script.words')} rules={[{ required: true, message: t('form.required', { field: t('script.words') }) }]}
        extra={<span className="row wrap placeholder-row">{placeholders.map((word) => <button key={word} type="button" className="link small-text" onClick={() => put(word)}>{`{{${word}}}`}</button>)}</span>}
      >
        <Input.TextArea autoSize={{ minRows: 5, maxRows: 16 }} maxLength={2000} />
      </Form.Item>
      <Form.Item name="tip" label={t('script.tip')}><Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={1000} /></Form.Item>
      <Form.Item name="tags" label={t('script.tags')} extra={t('script.tags_hint')}><Input maxLength={200} /></Form.Item>
      <Form.Item name="enabled" valuePropName="checked"><Checkbox>{t('script.enabled')}</Checkbox></Form.Item>
      <div className="row">
        <Button type="primary" htmlType="submit" loading={saving}>{t('script.save')}</Button>
        <Button onClick={onCancel}>{t('action.cancel')}</Button>
      </div>
    </Form>
  );
}
