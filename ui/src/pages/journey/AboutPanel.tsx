import { Button, Form, Input, Popconfirm } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { RecordRow } from '@/api/types';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import type { useVerbs } from './useDraft';

interface Props {
  record: RecordRow;
  verbs: ReturnType<typeof useVerbs>;
  onSave: (change: Record<string, unknown>) => Promise<unknown>;
}

/** What the journey is called, and its end: stopped for good, deleted. */
export function AboutPanel({ record, verbs, onSave }: Props) {
  const { t } = useTranslation();
  const { turn, remove } = verbs;
  const going = record.status === 'running' || record.status === 'paused';
  const save = useMutation({ mutationFn: ({ name, description }: { name: string; description?: string }) => onSave({ name, description: description || null }) });
  return (
    <div className="journey-form">
      {(save.error ?? turn.error ?? remove.error) && <ErrorNotice error={(save.error ?? turn.error ?? remove.error)!} />}
      <Form layout="vertical" requiredMark={false} initialValues={{ name: record.name, description: record.description }} onFinish={save.mutate}>
        <Form.Item name="name" label={t('journeys.name')} rules={[{ required: true, whitespace: true, message: t('form.required', { field: t('journeys.name') }) }]}><Input maxLength={60} /></Form.Item>
        <Form.Item name="description" label={t('journeys.description')}><Input.TextArea maxLength={300} autoSize={{ minRows: 2, maxRows: 6 }} /></Form.Item>
        <div className="row"><Button htmlType="submit" loading={save.isPending}>{t('action.save')}</Button>{save.isSuccess && <span className="t2 dense" role="status">{t('journeys.kept')}</span>}</div>
      </Form>
      {going && (
        <section className="section">
          <h2>{t('journeys.stop')}</h2>
          <p className="t2 dense">{t('journeys.stop_hint')}</p>
          <Popconfirm title={t('journeys.stop_sure')} okText={t('journeys.stop')} cancelText={t('action.cancel')} onConfirm={() => turn.mutate('stop')}>
            <button type="button" className="quiet-button bad" disabled={turn.isPending}>{t('journeys.stop')}</button>
          </Popconfirm>
        </section>
      )}
      {!going && <div><button type="button" className="quiet-button bad" disabled={remove.isPending} onClick={() => remove.mutate()}><Icon name="trash" size={14} />{t('journeys.delete')}</button></div>}
    </div>
  );
}
