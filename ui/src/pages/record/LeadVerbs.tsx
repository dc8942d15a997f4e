import { useEffect, useState } from 'react';
import { Button, Input, Popover } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { patchRecord, refreshRecords } from '@/api/records';
import { useMay, useSession } from '@/api/session';
import type { Entity, RecordRow } from '@/api/types';
import { offerUndo } from '@/app/undo';
import { message } from '@/app/say';
import { useVerbs } from '@/app/verbs';
import { titleOf } from '@/field/references';
import { useErrorText } from '@/part/ErrorNotice';
import { ConvertWizard } from './ConvertWizard';
import { ReasonButton } from './ReasonButton';
import { TakeBack } from './TakeBack';

const closed = new Set(['converted', 'disqualified']);

/** Says why a lead will not become a deal. */
function DisqualifyButton({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [open, setOpen] = useState(false);
  useVerbs([{ key: 'disqualify', icon: 'close', title: t('lead.disqualify'), run: () => setOpen(true) }]);
  const [reason, setReason] = useState('');
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.post(`/leads/${record.id}/disqualify`, { reason: reason.trim() }),
    onSuccess: () => {
      setOpen(false);
      void refreshRecords(client, 'leads');
      offerUndo(t('lead.disqualified', { record: titleOf(entity, record) }), async () => {
        const now = await api.get<RecordRow>(`/leads/${record.id}`);
        await patchRecord('leads', record.id, now.version, { status: record.status });
        await refreshRecords(client, 'leads');
      });
    },
    onError: (error) => message.error(errorText(error)),
  });
  const form = (
    <form className="pop-form" onSubmit={(event) => { event.preventDefault(); if (reason.trim()) mutate(); }}>
      <label htmlFor="disqualify-reason" className="small-text t2">{t('lead.why_disqualify')}</label>
      <Input id="disqualify-reason" autoFocus maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
      <Button type="primary" htmlType="submit" disabled={!reason.trim()} loading={isPending}>{t('lead.disqualify')}</Button>
    </form>
  );
  return (
    <Popover trigger="click" placement="bottomRight" arrow={false} open={open} onOpenChange={setOpen} content={form} destroyOnHidden>
      <Button type="text">{t('lead.disqualify')}</Button>
    </Popover>
  );
}

/** What was judged wrong is to be worked again. */
function ReopenButton({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.post(`/leads/${record.id}/reopen`),
    onSuccess: () => message.info(t('lead.reopened', { record: titleOf(entity, record) })),
    onError: (error) => message.error(errorText(error)),
    onSettled: () => refreshRecords(client, 'leads'),
  });
  useVerbs([{ key: 'reopen', icon: 'undo', title: t('lead.reopen'), run: () => mutate() }]);
  return <Button loading={isPending} onClick={() => mutate()}>{t('lead.reopen')}</Button>;
}

/** Lets the lead go back to a pool, with a reason the next one reads. */
function ReleaseButton({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const { mutate, isPending } = useMutation({
    mutationFn: ({ reason }: { reason: string; close: () => void }) => api.post<{ pool: string }>(`/leads/${record.id}/release`, { reason }),
    onSuccess: ({ pool }, { close }) => {
      close();
      message.info(t('lead.released', { record: titleOf(entity, record), pool }));
      void navigate('/leads');
      void refreshRecords(client, 'leads');
    },
    onError: (error) => message.error(errorText(error)),
  });
  return <ReasonButton name="release" icon="undo" label={t('lead.release')} question={t('lead.why_release')} pending={isPending} onSay={(reason, close) => mutate({ reason, close })} />;
}

/** Gives the lead from marketing to sales. */
function HandOverButton({ record }: { record: RecordRow }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const { mutate, isPending } = useMutation({
    mutationFn: ({ note }: { note: string; close: () => void }) => api.post(`/leads/${record.id}/hand_over`, note ? { note } : {}),
    onSuccess: (_, { close }) => {
      close();
      message.info(t('handover.handed_said'));
      void refreshRecords(client, 'leads');
      void refreshRecords(client, 'handovers');
    },
    onError: (error) => message.error(errorText(error)),
  });
  return <ReasonButton name="hand-over" icon="share" label={t('handover.hand_over')} question={t('handover.what_to_know')} optional pending={isPending} onSay={(note, close) => mutate({ note, close })} />;
}

export function LeadVerbs({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const [converting, setConverting] = useState(false);
  const open = !closed.has(String(record.status));
  const { user, modules } = useSession();
  const may = useMay();
  const sales = modules.includes('sales');
  useEffect(() => {
    if (open || !converting) return;
    setConverting(false);
    message.info(t('convert.closed_meanwhile', { lead: titleOf(entity, record) }));
  }, [open, converting]);
  useVerbs(open ? [{ key: 'convert', icon: 'sales', title: t('lead.convert'), run: () => setConverting(true) }] : []);
  if (record.status === 'converted') {
    return <TakeBack lead={record} />;
  }
  if (!open) return sales && record._rights?.update !== false ? <ReopenButton entity={entity} record={record} /> : null;
  return (
    <>
      {sales && may('handover:make') && <HandOverButton record={record} />}
      {sales && record.owner_id === user.id && record.status !== 'nurturing' && <ReleaseButton entity={entity} record={record} />}
      <DisqualifyButton entity={entity} record={record} />
      <Button type="primary" onClick={() => setConverting(true)}>{t('lead.convert')}</Button>
      {converting && <ConvertWizard lead={record} onClose={() => setConverting(false)} />}
    </>
  );
}
