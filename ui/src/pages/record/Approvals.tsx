import { useState } from 'react';
import { Button, Dropdown, Input } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { refreshApprovals, toneOf, useRecordApprovals, waitedFor, type Approval, type RecordApprovals } from '@/api/approvals';
import { api } from '@/api/client';
import type { Entity, RecordRow } from '@/api/types';
import { Decide } from '@/approval/Decide';
import { Facts } from '@/approval/Facts';
import { Outcome } from '@/approval/Outcome';
import { Steps } from '@/approval/Steps';
import '@/approval/approval.css';
import { useFormat } from '@/format/useFormat';
import { Dialog } from '@/part/Dialog';
import { ErrorNotice } from '@/part/ErrorNotice';

function One({ approval, plural, record }: { approval: Approval; plural: string; record: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const open = approval.state === 'pending' || approval.state === 'returned';
  return (
    <article className="approval-one">
      <div className="row wrap">
        <Link className="strong" to={`/approvals/${approval.id}`}>{approval.process}</Link>
        <span className={`status ${toneOf(approval.state)}`}>{t(`approvals.state_${approval.state}`)}</span>
        <span className="grow" />
        <span className="t3 small-text">{open && approval.since ? t('approvals.since', { when: format.near(approval.since) }) : format.near(approval.decided_at ?? approval.created_at)}</span>
      </div>
      {approval.failure && <p className="warn dense">{t('approvals.not_made', { why: approval.failure })}</p>}
      {open && approval.verb && <p className="notice">{t(`approvals.${approval.verb}_${approval.state === 'pending' ? 'waits' : 'returned'}`, { names: waitedFor(approval).join(t('approvals.comma')) })}</p>}
      {open && <Outcome approval={approval} here={approval.origin?.id === record} />}
      {open && <Facts approval={approval} />}
      {open && <Steps approval={approval} />}
      <Decide approval={approval} plural={plural} />
    </article>
  );
}

function Request({ plural, record, offers }: { plural: string; record: RecordRow; offers: RecordApprovals['offers'] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<RecordApprovals['offers'][number] | null>(null);
  const [reason, setReason] = useState('');
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => api.post(`/${plural}/${record.id}/approvals`, { process_id: chosen?.id, reason }),
    onSuccess: async () => { setChosen(null); await refreshApprovals(client, plural); },
  });
  const choose = (id: string) => { setReason(''); setChosen(offers.find((offer) => offer.id === id) ?? null); };
  return (
    <>
      <Dropdown trigger={['click']} menu={{ items: offers.map(({ id, name }) => ({ key: id, label: name })), onClick: ({ key }) => choose(key) }}>
        <button type="button" className="quiet-button small">{t('approvals.request')}</button>
      </Dropdown>
      {chosen && (
        <Dialog width={420} title={chosen.name} okText={t('approvals.request')} cancelText={t('action.cancel')} confirmLoading={isPending} onOk={() => mutate()} onCancel={() => setChosen(null)}>
          {error && <ErrorNotice error={error} />}
          {chosen.description && <p className="t2">{chosen.description}</p>}
          <Input.TextArea autoFocus rows={3} maxLength={1000} aria-label={t('approvals.reason')} placeholder={t('approvals.reason')} value={reason} onChange={(event) => setReason(event.target.value)} />
        </Dialog>
      )}
    </>
  );
}

/** What is asked about a record, whom, and since when; nothing where nothing ever was or may be asked. */
export function Approvals({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const { data } = useRecordApprovals(entity.plural, record.id);
  const [all, setAll] = useState(false);
  if (!data || (data.data.length === 0 && data.offers.length === 0)) return null;
  const open = data.data.filter(({ state, may }) => state === 'pending' || state === 'returned' || may.apply);
  const shown = all ? data.data : open.length > 0 ? open : data.data.slice(0, 1);
  return (
    <section className="approval-panel">
      <div className="row"><h2>{t('approval.title')}</h2><span className="grow" />{data.offers.length > 0 && <Request plural={entity.plural} record={record} offers={data.offers} />}</div>
      {shown.map((approval) => <One key={approval.id} approval={approval} plural={entity.plural} record={record.id} />)}
      {shown.length < data.data.length && <Button type="link" size="small" onClick={() => setAll(true)}>{t('approvals.earlier', { count: data.data.length - shown.length })}</Button>}
    </section>
  );
}
