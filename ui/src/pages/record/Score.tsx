import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf } from '@/api/meta';
import { useMay, useSession } from '@/api/session';
import type { Entity, RecordRow } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { ScoreRules } from '@/pages/scoring/ScoreRules';
import { givingRules, linePoints, signedPoints, tierTones, type Score as Scored } from '@/pages/scoring/scoring';
import '@/pages/scoring/scoring.css';
import './score.css';

const chips = 4;
const box: [number, number] = [88, 28];

/** How the score came to be what it is. */
function Trend({ score }: { score: Scored }) {
  const { t } = useTranslation();
  const format = useFormat();
  const first = score.trend[0];
  if (score.trend.length < 2 || !first) return null;
  const span: [number, number] = [score.card?.minimum ?? 0, score.card?.maximum ?? 100];
  return (
    <svg className="score-trend" viewBox={`-1 -1 ${box[0] + 2} ${box[1] + 2}`} role="img" aria-label={t('scoring.trend', { since: format.day(first.at), from: first.score, to: score.score ?? 0 })}>
      <polyline points={linePoints(score.trend, Date.now(), box, span)} />
    </svg>
  );
}

function Chips({ score }: { score: Scored }) {
  const { t } = useTranslation();
  const giving = givingRules(score.rules ?? []);
  const rest = giving.slice(chips);
  return (
    <div className="score-chips">
      {giving.slice(0, chips).map((rule) => <span key={rule.key} className="tag">{rule.name}{rule.hits > 1 ? ` ${t('scoring.times', { count: rule.hits })}` : ''} {signedPoints(Math.round(rule.points))}</span>)}
      {rest.length > 0 && <span className="tag">{t('scoring.more', { count: rest.length })} {signedPoints(Math.round(rest.reduce((sum, { points }) => sum + points, 0)))}</span>}
    </div>
  );
}

/** Score and tier of a lead or person, what gives the points, and each point's event. */
export function Score({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const { modules } = useSession();
  const shown = modules.includes('marketing') && fieldOf(entity, 'score') !== undefined && (entity.name === 'lead' || entity.name === 'person');
  const { data: score } = useQuery({
    queryKey: ['score', entity.plural, record.id, record.score ?? null, record.version], enabled: shown,
    queryFn: () => api.get<Scored>(`/${entity.plural}/${record.id}/score`),
  });
  if (!shown || !score || score.score === null) return null;
  return (
    <section className="section score-panel" aria-label={t('scoring.panel')}>
      <div className="section-head">
        <h2>{t('scoring.panel')}</h2><span className="grow" />
        {score.card && may('automation:manage') && <Link className="small-text" to={`/scoring/${score.card.id}`}>{score.card.name}</Link>}
        {score.card && !may('automation:manage') && <span className="t3 small-text">{score.card.name}</span>}
      </div>
      <div className="row">
        <span className="score-figure">{score.score}</span>
        {score.tier && <span className={`pill ${tierTones[score.tier]}`}>{t(`scoring.tier_${score.tier}`)}</span>}
        <span className="grow" />
        <Trend score={score} />
      </div>
      {score.closed && <p className="t3 small-text">{t('scoring.closed')}</p>}
      <Chips score={score} />
      {score.next && score.next.score !== score.score && <p className="t3 small-text">{t('scoring.next', { at: format.instant(score.next.at), score: score.next.score })}</p>}
      {score.rules && (
        <details className="score-details">
          <summary className="link small-text">{t('scoring.why')}</summary>
          <ScoreRules rules={score.rules} />
        </details>
      )}
      {score.others.map((other) => (
        <div key={other.card_id} className="row dense"><span className="grow t2">{other.card}</span>{other.score}<span className={`pill ${tierTones[other.tier]}`}>{t(`scoring.tier_${other.tier}`)}</span></div>
      ))}
    </section>
  );
}
