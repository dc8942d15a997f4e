import { useTranslation } from 'react-i18next';
import { needs, type Approval, type ApprovalStep, type Vote } from '@/api/approvals';
import { useFormat } from '@/format/useFormat';
import { Icon } from '@/part/Icon';

const icons = { approved: 'check', rejected: 'close', returned: 'undo', waiting: 'clock', closed: 'minus' } as const;
const tones = { approved: 'ok', rejected: 'bad', returned: 'warn', waiting: 't2', closed: 't3' } as const;

function VoteLine({ vote }: { vote: Vote }) {
  const { t } = useTranslation();
  const format = useFormat();
  const who = vote.decided_by ?? vote.holder;
  const other = vote.approver && who && vote.approver.id !== who.id ? t(vote.why === 'escalated' || vote.why === 'away' ? `approvals.${vote.why}` : 'approvals.for', { name: vote.approver.name }) : '';
  return (
    <li className="approval-vote">
      <Icon name={icons[vote.state]} size={14} className={tones[vote.state]} />
      <span className="grow">
        {who?.name ?? t('approvals.nobody')}{other && <span className="t3"> {other}</span>}
        {vote.comment && <span className="t2"> {t('approvals.said', { words: vote.comment })}</span>}
      </span>
      <span className={`small-text ${tones[vote.state]}`}>{t(`approvals.vote_${vote.state}`)}{vote.decided_at && <span className="t3"> {format.near(vote.decided_at)}</span>}</span>
    </li>
  );
}

function modeOf(step: ApprovalStep, t: (code: 'approvals.mode_any' | 'approvals.mode_all' | 'approvals.mode_ratio', values?: { percent: number }) => string): string {
  return step.mode === 'ratio' ? t('approvals.mode_ratio', { percent: step.percent }) : t(`approvals.mode_${step.mode}`);
}

/** How many have agreed of those that must, while the step runs and more than one must. */
function Agreed({ step, round }: { step: ApprovalStep; round: number }) {
  const { t } = useTranslation();
  const votes = step.votes.filter((vote) => vote.round === round);
  const needed = needs(step, votes.length);
  if (step.state !== 'running' || needed < 2) return null;
  return <span className="t2 small-text">{t('approvals.agreed', { have: votes.filter(({ state }) => state === 'approved').length, need: needed })}</span>;
}

/** The steps in their order: whom they ask, who answered. */
export function Steps({ approval }: { approval: Approval }) {
  const { t } = useTranslation();
  return (
    <ol className="approval-steps">
      {approval.steps.map((step, index) => (
        <li key={index} className={step.state}>
          <div className="row"><b>{step.name || t('approvals.step_n', { n: index + 1 })}</b><span className="t3 small-text">{modeOf(step, (code, values) => t(code, values))}</span><span className="grow" /><Agreed step={step} round={approval.round} /></div>
          <ul>{step.votes.map((vote) => <VoteLine key={vote.id} vote={vote} />)}</ul>
        </li>
      ))}
    </ol>
  );
}
