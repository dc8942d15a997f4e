import { lazy, Suspense, useEffect, useState, type RefObject } from 'react';
import { Button, Checkbox, Dropdown, Input } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApprovalVerb, type Approval, type ApprovalVerb } from '@/api/approvals';
import { useModel } from '@/api/meta';
import { message } from '@/app/say';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { Dialog } from '@/part/Dialog';
import { ErrorNotice } from '@/part/ErrorNotice';

const DraftDrawer = lazy(() => import('./DraftDrawer'));

interface Props {
  approval: Approval;
  plural?: string;
  /** The verbs by key: pressed from outside. */
  keys?: RefObject<Partial<Record<'approve' | 'reject', () => void>> | null>;
  onDone?: (after: Approval) => void;
}

type Asking = { verb: 'reject' | 'return' | 'withdraw' | 'resubmit' | 'delegate' | 'add' } | null;

function AskDialog({ asking, pending, error, onSend, onClose }: { asking: NonNullable<Asking>; pending: boolean; error: unknown; onSend: (body: Record<string, unknown>) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const [user, setUser] = useState<string | null>(null);
  const person = asking.verb === 'delegate' || asking.verb === 'add';
  const member = asking.verb === 'resubmit' ? 'reason' : 'comment';
  const needed = asking.verb === 'reject' || asking.verb === 'return';
  const ready = person ? user !== null : !needed || words.trim() !== '';
  return (
    <Dialog
      width={420} title={t(`approvals.${asking.verb}_title`)} okText={t(`approvals.${asking.verb}`)} cancelText={t('action.cancel')}
      okButtonProps={{ disabled: !ready }} confirmLoading={pending}
      onOk={() => onSend(person ? { user_id: user } : { [member]: words.trim() })} onCancel={onClose}
    >
      {error !== null && <ErrorNotice error={error} />}
      {person
        ? <ReferenceSelect className="full-width" target="user" label={t('approvals.who')} value={user} onChange={setUser} />
        : (
          <Input.TextArea
            autoFocus rows={3} maxLength={1000} aria-label={t('approvals.words')} placeholder={t(needed ? 'approvals.why' : 'approvals.words')} value={words}
            onChange={(event) => setWords(event.target.value)}
          />
        )}
    </Dialog>
  );
}

/** What the reader may do with an approval. */
export function Decide({ approval, plural, keys, onDone }: Props) {
  const { t } = useTranslation();
  const run = useApprovalVerb(plural);
  const [asking, setAsking] = useState<Asking>(null);
  const [seen, setSeen] = useState(false);
  const [mending, setMending] = useState(false);
  const entity = useModel().named(approval.entity);
  const { may, moved } = approval;
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: ({ verb, body }: { verb: ApprovalVerb; body: Record<string, unknown> }) => run(approval, verb, body),
    onSuccess: (after, { verb }) => {
      setAsking(null);
      message.info(t(`approvals.${verb}_said`));
      if (after.failure) message.warning(t('approvals.not_made', { why: after.failure }));
      onDone?.(after);
    },
  });
  const ask = (verb: NonNullable<Asking>['verb']) => { reset(); setAsking({ verb }); };
  const blocked = moved.length > 0 && !seen;
  const approve = () => { if (!blocked && !isPending) mutate({ verb: 'approve', body: { accept_changes: seen } }); };
  useEffect(() => {
    if (keys) keys.current = may.decide ? { approve, reject: () => ask('reject') } : {};
  });
  const more = [
    ...(may.decide ? [{ key: 'return', label: t('approvals.return'), onClick: () => ask('return') }, { key: 'delegate', label: t('approvals.delegate'), onClick: () => ask('delegate') }] : []),
    ...(may.decide && may.withdraw ? [{ key: 'withdraw', label: t('approvals.withdraw'), onClick: () => ask('withdraw') }] : []),
    ...(may.add ? [{ key: 'add', label: t('approvals.add'), onClick: () => ask('add') }] : []),
  ];
  if (!may.decide && !may.withdraw && !may.resubmit && !may.apply && !may.add) return null;
  return (
    <div className="approval-verbs">
      {error && !asking && <ErrorNotice error={error} />}
      {may.decide && moved.length > 0 && <Checkbox checked={seen} onChange={(event) => setSeen(event.target.checked)}>{t('approvals.accept_moved', { fields: moved.map(({ label }) => label).join(t('approvals.comma')) })}</Checkbox>}
      <div className="row wrap">
        {may.decide && <Button className="approval-yes" type="primary" disabled={blocked} loading={isPending && !asking} onClick={approve}>{t('approvals.approve')}</Button>}
        {may.decide && <Button className="approval-no" onClick={() => ask('reject')}>{t('approvals.reject')}</Button>}
        {may.resubmit && <Button type="primary" onClick={() => (approval.draft && entity ? setMending(true) : ask('resubmit'))}>{t(approval.draft ? 'approvals.edit_draft' : 'approvals.resubmit')}</Button>}
        {may.apply && <Button loading={isPending} onClick={() => mutate({ verb: 'apply', body: {} })}>{t('approvals.apply')}</Button>}
        {may.withdraw && !may.decide && <Button type="text" onClick={() => ask('withdraw')}>{t('approvals.withdraw')}</Button>}
        {more.length > 0 && <Dropdown trigger={['click']} menu={{ items: more }}><Button type="text">{t('approvals.more')}</Button></Dropdown>}
      </div>
      {mending && entity && <Suspense fallback={null}><DraftDrawer approval={approval} entity={entity} onClose={() => setMending(false)} onDone={onDone} /></Suspense>}
      {asking && <AskDialog key={asking.verb} asking={asking} pending={isPending} error={error} onSend={(body) => mutate({ verb: asking.verb, body })} onClose={() => setAsking(null)} />}
    </div>
  );
}
