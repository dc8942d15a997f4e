import { useState, type ClipboardEvent } from 'react';
import { Button, Form, Input, Select } from 'antd';
import { Link } from 'react-router';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { recordKeys, useAllRecords } from '@/api/records';
import type { Entity, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { SkeletonLines } from '@/part/Skeleton';
import { knownOf, LetterAttach, type KnownFile } from './LetterAttach';
import { lettersMost, type MailFile } from './letters';
import { useDrop } from './UploadRow';
import { useUploads } from './useUploads';

interface Draft {
  ready: boolean;
  mailbox: string | null;
  mailboxes: { id: string; address: string }[];
  from: string;
  to: { name: string; address: string; refusal: string }[];
  subject: string;
  body: string;
}
interface Letter {
  mailbox?: string;
  to: string[];
  cc: string[];
  subject: string;
  body: string;
}
interface Props {
  entity: Entity;
  record: RecordRow;
  replyTo?: string;
  to?: string[];
  subject?: string;
  text?: string;
  title?: string;
  /** Files of a mail: that go along, and that may. */
  chosen?: MailFile[];
  offered?: MailFile[];
  onClose: () => void;
}

/** A mail from the person's own account to whom the record is about. */
export default function LetterWriter({ entity, record, replyTo, to, subject, text, title, chosen = [], offered = [], onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<Letter>();
  const path = `/${entity.plural}/${record.id}/mails`;
  const { data: draft, error: unread } = useQuery({ queryKey: ['letter', path], queryFn: () => api.get<Draft>(`${path}/draft`, replyTo ? { reply_to: replyTo } : undefined), gcTime: 0 });
  const { data: templates } = useAllRecords('letter_templates', { sort: 'name', fields: ['name'] });
  const fill = async (id: string) => {
    const made = await api.get<Draft>(`${path}/draft`, { template: id });
    form.setFieldsValue({ body: made.body, ...(replyTo ? {} : { subject: made.subject }) });
  };
  const [known, setKnown] = useState<KnownFile[]>(() => knownOf(chosen));
  const uploads = useUploads(entity.plural, record.id, { send: '/mailbox/files', remove: '/mailbox/files' });
  const arrived = uploads.uploads.flatMap(({ done }) => (done ? [done] : []));
  const drop = useDrop((files) => void uploads.add(files));
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    void uploads.add(files);
  };
  const tooMuch = [...known, ...arrived].reduce((sum, { size }) => sum + size, 0) > lettersMost;
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: (letter: Letter) => api.post<{ id: string }>(path, { ...letter, files: [...known, ...arrived].map(({ id }) => id), ...(replyTo ? { reply_to: replyTo } : {}) }),
    onSuccess: () => {
      message.info(t('letter.sent'));
      void client.invalidateQueries({ queryKey: ['timeline', entity.plural, record.id] });
      void client.invalidateQueries({ queryKey: recordKeys.one(entity.plural, record.id) });
      onClose();
    },
    onError: (failed) => {
      if (failed instanceof ApiError) form.setFields(Object.entries(failed.fieldErrors()).map(([name, words]) => ({ name: name as keyof Letter, errors: [words] })));
    },
  });
  const choices = draft?.to.map(({ name, address, refusal }) => ({ value: address, label: refusal ? `${name} <${address}> · ${refusal}` : `${name} <${address}>`, disabled: refusal !== '' })) ?? [];
  const first = choices.find(({ disabled }) => !disabled)?.value;
  return (
    <SideSheet
      onClose={onClose} width={560} settled={isPending || isSuccess} title={title ?? t('letter.write')}
      footer={draft?.ready && <div className="row"><Button type="primary" loading={isPending || uploads.busy} disabled={tooMuch} onClick={() => form.submit()}>{t('letter.send')}</Button><Button type="text" onClick={onClose}>{t('action.cancel')}</Button></div>}
    >
      {unread && <ErrorNotice error={unread} />}
      {!draft && !unread && <SkeletonLines count={5} />}
      {draft && !draft.ready && <div className="notice">{t('letter.not_ready')} <Link to="/settings/mailbox">{t('letter.set_up')}</Link></div>}
      {error && !(error instanceof ApiError && Object.keys(error.fieldErrors()).length > 0) && <ErrorNotice error={error} />}
      {draft?.ready && (
        <Form form={form} layout="vertical" requiredMark={false} initialValues={{ mailbox: draft.mailbox ?? undefined, to: to ?? (first ? [first] : []), cc: [], subject: subject ?? '', body: text ?? '' }} onFinish={mutate} onPaste={onPaste} {...drop}>
          {draft.mailboxes.length > 1
            ? <Form.Item name="mailbox" label={t('letter.from')}><Select options={draft.mailboxes.map(({ id, address }) => ({ value: id, label: address }))} /></Form.Item>
            : <p className="t2 small-text">{t('letter.from')} {draft.from}</p>}
          {templates && templates.data.length > 0 && (
            <Form.Item label={t('letter.template')}>
              <Select aria-label={t('letter.template')} options={templates.data.map(({ id, name }) => ({ value: id, label: String(name) }))} onChange={(id: string) => void fill(id)} />
            </Form.Item>
          )}
          <Form.Item name="to" label={t('letter.to')}><Select mode="tags" options={choices} tokenSeparators={[',', ';', ' ', '，', '；']} /></Form.Item>
          <Form.Item name="cc" label={t('letter.cc')}><Select mode="tags" options={choices} tokenSeparators={[',', ';', ' ', '，', '；']} /></Form.Item>
          <Form.Item name="subject" label={t('letter.subject')}><Input maxLength={500} /></Form.Item>
          <Form.Item name="body" label={t('letter.body')}><Input.TextArea autoSize={{ minRows: 8, maxRows: 24 }} maxLength={50_000} /></Form.Item>
          <LetterAttach
            entity={entity} record={record} uploads={uploads} chosen={known} onChosen={setKnown} offered={knownOf(offered.filter(({ inside }) => !inside))}
            error={error instanceof ApiError ? error.fieldErrors().files : undefined}
          />
        </Form>
      )}
    </SideSheet>
  );
}
