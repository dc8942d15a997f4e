import { memo } from 'react';
import { Button, Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/format/useFormat';
import { Icon } from '@/part/Icon';
import { leadTitle, type Outcome, type PoolLead } from './pools';

/** A score as a short bar with its figure. */
export function ScoreBar({ score }: { score: number }) {
  const { t } = useTranslation();
  return (
    <span className="pool-score" title={t('pool.score', { score })}>
      <span className="bar" aria-hidden="true"><b style={{ width: `${Math.max(0, Math.min(100, score))}%` }} /></span>
      <span className="visually-hidden">{t('pool.score', { score: '' })}</span>{score}
    </span>
  );
}

/** How it came here, in the words of whoever let it go. */
export function useEntryWords(): (lead: PoolLead) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (lead) => {
    const when = format.near(lead.pooled_at);
    if (lead.entered === 'released') return lead.reason ? t('pool.came_released', { when, count: lead.returns, reason: lead.reason }) : t('pool.came_taken', { when });
    if (lead.entered === 'recycled') return t(lead.reason === 'deal' ? 'pool.came_no_deal' : 'pool.came_no_follow_up', { when });
    return t('pool.came_new', { when });
  };
}

interface VerbProps {
  lead: PoolLead;
  outcome: Outcome | undefined;
  may: boolean;
  onGrab: () => void;
}

/** The button, or what came of it. */
export function GrabVerb({ lead, outcome, may, onGrab }: VerbProps) {
  const { t } = useTranslation();
  const format = useFormat();
  if (outcome?.kind === 'mine') return <span className="pool-said ok strong"><Icon name="check" size={16} />{t('pool.got')}</span>;
  if (outcome?.kind === 'lost') return <span className="pool-said t2">{outcome.text}</span>;
  if (lead.cooling_until) {
    const left = (Date.parse(lead.cooling_until) - Date.now()) / 1000;
    return <span className="pool-said t2">{t('pool.cooling_for')}<br />{format.duration(Math.max(60, left)).replace(/ \d\d (秒|s)$/, '')}</span>;
  }
  const grabbing = outcome?.kind === 'grabbing';
  return (
    <Button className="pool-grab" loading={grabbing} disabled={!may} onClick={(event) => { event.stopPropagation(); onGrab(); }}>
      {t(grabbing ? 'pool.grabbing' : 'pool.grab')}<span className="visually-hidden"> {leadTitle(lead)}</span>
    </Button>
  );
}

interface Props extends VerbProps {
  chosen: boolean;
  grabs: boolean;
  /** Whether it is picked to be given out; undefined: one may not. */
  picked: boolean | undefined;
  onPick: (on: boolean) => void;
  onChoose: () => void;
}

export const PoolRow = memo(function PoolRow({ lead, outcome, chosen, grabs, picked, onPick, onChoose, ...verb }: Props) {
  const { t } = useTranslation();
  const entryWords = useEntryWords();
  const title = leadTitle(lead);
  const gone = outcome?.kind === 'lost' || (!!lead.cooling_until && outcome?.kind !== 'mine');
  const about = [lead.source, lead.product_interest, lead.job_title].filter(Boolean).join(t('pool.comma'));
  return (
    <li className={`pool-lead${chosen ? ' on' : ''}${gone ? ' gone' : ''}`}>
      {picked !== undefined && <Checkbox checked={picked} aria-label={t('pool.pick', { title })} onChange={(event) => onPick(event.target.checked)} />}
      <button type="button" className="pool-about" aria-current={chosen || undefined} onClick={onChoose}>
        <span className="row"><b className="ellipsis">{title}</b>{typeof lead.score === 'number' && <ScoreBar score={lead.score} />}</span>
        <span className="l2 ellipsis">{about || lead.region}</span>
        <span className="l3 ellipsis">{entryWords(lead)}</span>
      </button>
      {grabs && <GrabVerb lead={lead} outcome={outcome} {...verb} />}
    </li>
  );
});
