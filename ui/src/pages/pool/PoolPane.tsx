import { Button } from 'antd';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { fieldOf, useModel } from '@/api/meta';
import { useFormat } from '@/format/useFormat';
import { Countdown } from '@/part/Countdown';
import { ScoreBar, useEntryWords } from './PoolRow';
import { leadTitle, type Outcome, type Pool, type PoolLead } from './pools';

const facts = ['name', 'company_name', 'job_title', 'phone', 'email', 'region', 'industry', 'source', 'campaign', 'product_interest'] as const;

interface Props {
  pool: Pool;
  lead: PoolLead;
  outcome: Outcome | undefined;
  may: boolean;
  onGrab: () => void;
}

/** The chosen lead beside the list: all that may be known of it before the grab, and after it. */
export function PoolPane({ pool, lead, outcome, may, onGrab }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const entity = useModel().named('lead');
  const entryWords = useEntryWords();
  const mine = outcome?.kind === 'mine' ? outcome.grabbed : null;
  const values: Record<string, unknown> = mine ? mine.lead : { ...lead };
  return (
    <aside className="pool-pane" aria-label={leadTitle(lead)}>
      <div className="row"><h2 className="ellipsis">{mine ? String(mine.lead.company_name ?? mine.lead.name) : leadTitle(lead)}</h2>{typeof lead.score === 'number' && <ScoreBar score={lead.score} />}</div>
      <p className="t2 dense">{entryWords(lead)}</p>
      <dl className="facts-list">
        {facts.map((name) => {
          const value = values[name];
          if (typeof value !== 'string' || value === '') return null;
          return <div key={name}><dt>{entity && fieldOf(entity, name)?.label}</dt><dd>{value}</dd></div>;
        })}
        <div><dt>{entity && fieldOf(entity, 'created_at')?.label}</dt><dd>{format.instant(lead.created_at)}</dd></div>
      </dl>
      {!mine && outcome?.kind !== 'lost' && (
        <>
          {!pool.manages && <p className="t3 small-text">{t('pool.hidden_note')}</p>}
          {pool.grabs && (
            <Button type="primary" size="large" block loading={outcome?.kind === 'grabbing'} disabled={!may || !!lead.cooling_until} onClick={onGrab}>
              {t('pool.grab')} <kbd>G</kbd>
            </Button>
          )}
          {pool.grabs && !may && <p className="warn dense">{t(pool.holding_cap > 0 && pool.held >= pool.holding_cap ? 'pool.why_cap' : 'pool.why_picks')}</p>}
          {pool.follow_up_hours > 0 && <p className="t2 dense">{t('pool.clock_note', { hours: pool.follow_up_hours })}</p>}
        </>
      )}
      {outcome?.kind === 'lost' && <p className="notice warn">{outcome.text}</p>}
      {mine && (
        <div className="notice">
          <b className="ok">{t('pool.got')}</b>
          {mine.recycle_at && <p>{t('pool.first_contact')} <b><Countdown until={mine.recycle_at} /></b></p>}
          <Link to={`/leads/${mine.lead.id}`}>{t('pool.open')} <kbd>O</kbd></Link>
        </div>
      )}
      <p className="pool-keys small-text t2"><span><kbd>J</kbd> <kbd>K</kbd> {t('palette.move')}</span><span><kbd>G</kbd> {t('pool.grab')}</span><span><kbd>O</kbd> {t('pool.open')}</span></p>
    </aside>
  );
}
