import { useState } from 'react';
import { Button, Popconfirm } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { patchRecord, recordKeys, refreshRecords, useRecord } from '@/api/records';
import { useSession } from '@/api/session';
import type { RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { FieldValue } from '@/field/FieldValue';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { NotThere } from '@/part/Refusal';
import { SkeletonLines } from '@/part/Skeleton';
import { Unsaved } from '@/part/Unsaved';
import { DraftForm } from './DraftForm';
import { draftOf, emptyDraft, running, type Draft } from './mailings';
import { PreflightPanel, usePreflight } from './Preflight';
import { ReportPanel } from './Report';

/** Whom, what, when: saved, looked at beforehand, tried on oneself, launched. */
function DraftPage({ record }: { record: RecordRow | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { user } = useSession();
  const own = useRecord('users', user.id);
  const [draft, setDraft] = useState<Draft>(() => (record ? draftOf(record) : emptyDraft));
  const saved = record !== null && JSON.stringify(draftOf(record)) === JSON.stringify(draft);
  const { data: foreseen } = usePreflight(record && saved ? record.id : null);
  const keep = async (row: RecordRow) => {
    client.setQueryData(recordKeys.one('mailings', row.id), row);
    await Promise.all([refreshRecords(client, 'mailings'), client.invalidateQueries({ queryKey: ['mailings', 'preflight'] })]);
    if (!record) await navigate(`/mailings/${row.id}`, { replace: true });
  };
  const save = useMutation({
    mutationFn: () => (record ? patchRecord('mailings', record.id, record.version, { ...draft }) : api.post<RecordRow>('/mailings', draft)),
    onSuccess: keep,
  });
  const tryOut = useMutation({
    mutationFn: () => api.post<{ accepted: boolean; why: string }>(`/mailings/${record?.id ?? ''}/try`, {}),
    onSuccess: ({ accepted, why }) => (accepted ? message.info(t('mails.tried', { to: String(own.data?.email) })) : message.error(why)),
  });
  const launch = useMutation({
    mutationFn: () => api.post<undefined>(`/mailings/${record?.id ?? ''}/launch`, {}),
    onSuccess: () => refreshRecords(client, 'mailings'),
  });
  const error = save.error ?? tryOut.error ?? launch.error;
  const begun = record === null ? JSON.stringify(draft) !== JSON.stringify(emptyDraft) : !saved;
  return (
    <div className="page">
      <Unsaved when={begun} />
      <header className="page-head">
        <Link to="/mailings" className="icon-button" aria-label={t('mailings.back')}><Icon name="left" /></Link>
        <h1 className="ellipsis">{draft.name || t('mailings.new')}</h1>
        <span className="grow" />
        <Button disabled={!saved || !own.data?.email} title={own.data?.email ? undefined : t('mails.try_needs')} loading={tryOut.isPending} onClick={() => tryOut.mutate()}>{t('mails.try')}</Button>
        <Button type={saved ? 'default' : 'primary'} loading={save.isPending} disabled={saved || draft.name.trim() === '' || !draft.template_id} onClick={() => save.mutate()}>{t('action.save')}</Button>
        <Popconfirm title={t(foreseen?.will === 0 ? 'mailings.launch_nobody' : 'mailings.launch_sure')} okText={t('mailings.launch')} onConfirm={() => launch.mutate()}>
          <Button type="primary" disabled={!saved} loading={launch.isPending}>{t('mailings.launch')}</Button>
        </Popconfirm>
      </header>
      <div className="mailing-body">
        <div className="mailing-form">
          {error && <ErrorNotice error={error} />}
          <DraftForm draft={draft} onChange={setDraft} />
        </div>
        <aside className="mailing-side" aria-label={t('mailings.before')}>
          <PreflightPanel record={record} saved={saved} draft={draft} />
        </aside>
      </div>
    </div>
  );
}

/** A mailing on its way or at its end. */
function LaunchedPage({ record }: { record: RecordRow }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const status = useModel().named('mailing')?.fields.find(({ name }) => name === 'status');
  const turn = useMutation({
    mutationFn: (verb: 'pause' | 'resume' | 'cancel') => api.post<undefined>(`/mailings/${record.id}/${verb}`, {}),
    onSuccess: () => Promise.all([refreshRecords(client, 'mailings'), client.invalidateQueries({ queryKey: ['mailings', 'report', record.id] })]),
  });
  const state = String(record.status);
  return (
    <div className="page">
      <header className="page-head">
        <Link to="/mailings" className="icon-button" aria-label={t('mailings.back')}><Icon name="left" /></Link>
        <h1 className="ellipsis">{String(record.name)}</h1>
        {status && <FieldValue dense field={status} record={record} />}
        <span className="grow" />
        {state === 'sending' && <Button loading={turn.isPending} onClick={() => turn.mutate('pause')}>{t('mailings.pause')}</Button>}
        {state === 'paused' && <Button type="primary" loading={turn.isPending} onClick={() => turn.mutate('resume')}>{t('mailings.resume')}</Button>}
        {(running.includes(state) || state === 'paused') && (
          <Popconfirm title={t('mailings.cancel_sure')} okText={t('mailings.cancel')} onConfirm={() => turn.mutate('cancel')}>
            <Button danger loading={turn.isPending}>{t('mailings.cancel')}</Button>
          </Popconfirm>
        )}
      </header>
      <div className="pad-page scroll-y">
        {turn.error && <ErrorNotice error={turn.error} />}
        <ReportPanel record={record} />
      </div>
    </div>
  );
}

export function MailingPage() {
  const { id } = useParams();
  const fresh = id === 'new';
  const { data, error, refetch } = useRecord('mailings', fresh ? null : id);
  if (!useModel().named('mailing')) return <NotThere />;
  if (error) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (!fresh && !data) return <div className="pad-page"><SkeletonLines /></div>;
  return data && data.status !== 'draft' ? <LaunchedPage key={data.id} record={data} /> : <DraftPage key={fresh ? 'new' : id} record={data ?? null} />;
}
