import type { RefObject } from 'react';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { toneOf, type Approval } from '@/api/approvals';
import { recordPath, useModel } from '@/api/meta';
import { useFormat } from '@/format/useFormat';
import { aboutOf } from './about';
import { Decide } from './Decide';
import { Facts } from './Facts';
import { Outcome } from './Outcome';
import { Steps } from './Steps';

interface Props {
  approval: Approval;
  keys?: RefObject<Partial<Record<'approve' | 'reject', () => void>> | null>;
  onDone?: (after: Approval) => void;
}

/** All one needs to decide, in the order one asks: what, by whom and why, the facts, who else. */
export function ApprovalCard({ approval, keys, onDone }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const model = useModel();
  const entity = model.named(approval.entity);
  const readable = approval.readable && entity && !approval.gone;
  return (
    <article className="approval-card" aria-labelledby={`approval-${approval.id}`}>
      <header>
        <p className="t2 dense">{approval.process} · {aboutOf(t, approval)}</p>
        <h2 id={`approval-${approval.id}`}>{readable ? <Link to={recordPath(entity, approval.record_id)}>{approval.title}</Link> : approval.title}</h2>
        <p className="t2 dense">
          <span className={`status ${toneOf(approval.state)}`}>{t(`approvals.state_${approval.state}`)}</span>
          {' '}{t('approvals.asked_by', { name: approval.requester?.name ?? t('approvals.program'), when: format.near(approval.created_at) })}
          {approval.state === 'pending' && approval.reminders > 0 && <span className="warn"> {t('approvals.reminded', { count: approval.reminders })}</span>}
        </p>
        {approval.reason && <p className="approval-reason">{approval.reason}</p>}
      </header>
      {approval.gone && <p className="notice warn">{t('approvals.gone')}</p>}
      {approval.failure && <p className="notice warn">{t('approvals.not_made', { why: approval.failure })}</p>}
      <Outcome approval={approval} />
      <Facts approval={approval} />
      {!readable && !approval.gone && !approval.draft && <p className="t3 small-text">{t(approval.facts.length + approval.change.length > 0 ? 'approvals.only_this' : 'approvals.only_name')}</p>}
      <Decide approval={approval} plural={entity?.plural} keys={keys} onDone={onDone} />
      <Steps approval={approval} />
    </article>
  );
}
