import './story.css';
import { useState } from 'react';
import { Button, Input, Popover } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Entity, Field, RecordRow } from '@/api/types';
import { useErrorText } from '@/part/ErrorNotice';

interface Props {
  entity: Entity;
  field: Field;
  record: RecordRow;
}

/** Masked personal data: shown in full for a stated reason, which the audit log keeps. */
export function Revealable({ entity, field, record }: Props) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: () => api.post<{ value: string }>(`/${entity.plural}/${record.id}/reveal`, { field: field.name, reason: reason.trim() }),
    onSuccess: () => setOpen(false),
  });
  if (data) return <span>{field.type === 'phone' ? <a href={`tel:${data.value}`}>{data.value}</a> : data.value}</span>;
  const inputId = `reveal-${field.name}`;
  const form = (
    <form className="pop-form" onSubmit={(event) => { event.preventDefault(); if (reason.trim()) mutate(); }}>
      <label htmlFor={inputId} className="small-text t2">{t('record.why_reveal', { field: field.label })}</label>
      <Input id={inputId} autoFocus maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
      {error && <span className="bad small-text" role="alert">{errorText(error)}</span>}
      <span className="t3 small-text">{t('record.reveal_note')}</span>
      <Button type="primary" htmlType="submit" loading={isPending} disabled={!reason.trim()}>{t('record.reveal')}</Button>
    </form>
  );
  return (
    <span className="row">
      {String(record[field.name])}
      <Popover trigger="click" placement="bottomLeft" arrow={false} open={open} onOpenChange={setOpen} content={form} destroyOnHidden>
        <button type="button" className="link small-text">{t('record.reveal')}</button>
      </Popover>
    </span>
  );
}
