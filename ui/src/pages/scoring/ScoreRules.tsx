import { useTranslation } from 'react-i18next';
import { useFormat } from '@/format/useFormat';
import { signedPoints, type ScoredEvent, type ScoredRule } from './scoring';

/** Times shown of an event of the site are told by its page; others by their kind. */
function EventLine({ event, capped }: { event: ScoredEvent; capped: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li>
      <span className="grow ellipsis" title={event.path || event.type}>{event.what || t('scoring.happened')}</span>
      <span className="t3 nowrap">{format.instant(event.at)}</span>
      <span className={`score-points ${capped || event.points === 0 ? 't3' : ''}`}>{signedPoints(event.points)}</span>
    </li>
  );
}

function RuleLine({ rule }: { rule: ScoredRule }) {
  const { t } = useTranslation();
  const notes = [
    rule.hits > 0 ? t('scoring.times', { count: rule.hits }) : '', rule.capped ? t('scoring.at_cap', { cap: rule.cap }) : '',
    rule.half_life_days > 0 && rule.hits > 0 ? t('scoring.half_life_days_is', { count: rule.half_life_days }) : '',
  ].filter(Boolean);
  const line = (
    <>
      <span className="grow">{rule.name}{notes.length > 0 && <span className="t3 small-text"> {notes.join(' · ')}</span>}</span>
      <span className={`score-points ${rule.points < 0 ? 'bad' : ''}`}>{signedPoints(rule.points)}</span>
    </>
  );
  if (rule.events.length === 0) return <div className="row">{line}</div>;
  return (
    <details>
      <summary className="row">{line}</summary>
      <ul className="score-events">{rule.events.map((event, index) => <EventLine key={event.event_id ?? index} event={event} capped={rule.capped} />)}</ul>
    </details>
  );
}

/** Every rule with what it gives, and the events behind it; what gives nothing is told last. */
export function ScoreRules({ rules }: { rules: ScoredRule[] }) {
  const { t } = useTranslation();
  const giving = rules.filter(({ points, hits }) => points !== 0 || hits > 0);
  const broken = rules.filter((rule) => rule.broken);
  const none = rules.filter((rule) => !giving.includes(rule) && !rule.broken);
  return (
    <>
      <ul className="score-rules">{giving.map((rule) => <li key={rule.key}><RuleLine rule={rule} /></li>)}</ul>
      {broken.map(({ key, name, broken: why }) => <p key={key} className="t3 small-text">{t('scoring.broken_rule', { name, why })}</p>)}
      {none.length > 0 && <p className="t3 small-text">{t('scoring.gave_nothing', { names: none.map(({ name }) => name).join(t('condition.comma')) })}</p>}
    </>
  );
}
