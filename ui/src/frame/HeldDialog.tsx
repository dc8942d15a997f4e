import { useState } from 'react';
import { Button, Input } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { refreshApprovals, waitedFor, type Approval } from '@/api/approvals';
import { api } from '@/api/client';
import { askBulk, type BulkAsked } from '@/api/records';
import { setHeld, type Held } from '@/app/held';
import { message } from '@/app/say';
import { useFormat } from '@/format/useFormat';
import { Dialog } from '@/part/Dialog';
import { ErrorNotice } from '@/part/ErrorNotice';
import { ProgressBar } from '@/part/ProgressBar';

interface Props {
  held: Held;
}

const shownFailures = 5;

function Reason({ value, onChange }: { value: string; onChange: (reason: string) => void }) {
  const { t } = useTranslation();
  return <Input.TextArea autoFocus rows={3} maxLength={1000} aria-label={t('approvals.reason')} placeholder={t('approvals.reason')} value={value} onChange={(event) => onChange(event.target.value)} />;
}

function bodyOf({ record, verb, changes }: Held) {
  return record ? { record } : verb ? { verb: verb.name, parameters: verb.parameters } : { changes };
}

/** A change of one record, a new one, or a verb of several. */
function One({ held }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const path = held.record ? `/${held.plural}/approvals` : `/${held.plural}/${held.recordId}/approvals`;
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => api.post<Approval>(path, { ...bodyOf(held), reason }),
    onSuccess: async (approval) => {
      const names = waitedFor(approval).join(t('approvals.comma'));
      held.onAsked?.();
      setHeld(null);
      message.info(names ? t('approvals.asked_said', { names }) : t('approvals.state_approved'));
      await refreshApprovals(client, held.plural);
    },
  });
  return (
    <Dialog
      width={440} title={t('approvals.needed', { process: held.process })} okText={t('approvals.request')} cancelText={t('action.cancel')}
      confirmLoading={isPending} onOk={() => mutate()} onCancel={() => setHeld(null)}
    >
      {error && <ErrorNotice error={error} />}
      <p className="t2">{t(held.record ? 'approvals.needed_new_hint' : held.verb ? `approvals.needed_${held.verb.name}_hint` : 'approvals.needed_hint', { record: held.title })}</p>
      <Reason value={reason} onChange={setReason} />
    </Dialog>
  );
}

/** What came of asking about many: how many were asked about, and each that was not, with the reason. */
function Asked({ asked, bulk }: { asked: BulkAsked; bulk: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <p>{t('approvals.many_asked', { count: asked.asked, figure: format.count(asked.asked) })}</p>
      {asked.failed.length > 0 && (
        <>
          <p className="warn">{t('approvals.many_failed', { count: asked.failed.length, figure: format.count(asked.failed.length) })}</p>
          <ul className="held-failures">{asked.failed.slice(0, shownFailures).map(({ id, message: why }) => <li key={id} className="t2">{why}</li>)}</ul>
        </>
      )}
      <Link to={`/bulk/${bulk}`} onClick={() => setHeld(null)}>{t('approvals.many_each')}</Link>
    </>
  );
}

/** A change of many: one question for each record that is held. */
function Many({ held, bulk }: Props & { bulk: NonNullable<Held['bulk']> }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const format = useFormat();
  const [reason, setReason] = useState('');
  const [done, setDone] = useState(0);
  const { mutate, isPending, error, data: asked } = useMutation({
    mutationFn: () => askBulk(bulk.id, reason, (now) => setDone(now.asked + now.failed.length)),
    onSettled: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ['bulk'] }), refreshApprovals(client, held.plural)]);
    },
  });
  const close = () => setHeld(null);
  return (
    <Dialog
      width={480} title={t('approvals.many_title', { count: bulk.count, figure: format.count(bulk.count) })} onCancel={close}
      footer={asked
        ? <Button type="primary" onClick={close}>{t('action.close')}</Button>
        : (
          <>
            <Button onClick={close}>{t('action.cancel')}</Button>
            <Button type="primary" loading={isPending} onClick={() => mutate()}>{t('approvals.many_request', { count: bulk.count, figure: format.count(bulk.count) })}</Button>
          </>
        )}
    >
      {error && <ErrorNotice error={error} />}
      {asked && <Asked asked={asked} bulk={bulk.id} />}
      {!asked && <><p className="t2">{held.process}</p><p className="t2">{t('approvals.many_hint')}</p></>}
      {!asked && !isPending && <Reason value={reason} onChange={setReason} />}
      {isPending && <ProgressBar done={done} total={bulk.count} label={t('approvals.request')} />}
    </Dialog>
  );
}

/** A change that wants an approval first: ask for it here, with a reason. */
export default function HeldDialog({ held }: Props) {
  return held.bulk ? <Many held={held} bulk={held.bulk} /> : <One held={held} />;
}
