import { Button } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { ProgressBar } from '@/part/ProgressBar';
import { SkeletonLines } from '@/part/Skeleton';

interface Bin {
  from: number;
  to: number;
  n: number;
  told: number;
  won: number;
}

interface Newest {
  rows: number;
  won: number;
  quality: { auc: number; accuracy: number; log_loss: number; share: number; baseline_accuracy: number; baseline_log_loss: number };
  bins: Bin[];
  refused: { name: string; why: 'leaks' | 'written'; share: number }[];
  learns_from: string[];
  lost_fields: number;
  lost_rules: number;
}

interface State {
  decided: number;
  won: number;
  rows_least: number;
  outcomes_least: number;
  newest: Newest | null;
  models: { id: string; at: string; rows: number; auc: number }[];
}

const side = 260;

/** What was told against what came true; on the diagonal a chance means what it says. */
function Reliability({ bins }: { bins: Bin[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const shown = bins.filter(({ n }) => n >= 5);
  const most = Math.max(...shown.map(({ n }) => n), 1);
  const y = (share: number) => side - share * side;
  return (
    <figure className="reliability">
      <svg viewBox={`-36 -8 ${side + 58} ${side + 44}`} role="img" aria-label={t('prediction.reliability')}>
        {[0, 0.25, 0.5, 0.75, 1].map((at) => (
          <g key={at} className="grid">
            <line x1={0} x2={side} y1={y(at)} y2={y(at)} />
            <text x={-6} y={y(at) + 4} textAnchor="end">{format.percent(at)}</text>
            <text x={at * side} y={side + 16} textAnchor="middle">{format.percent(at)}</text>
          </g>
        ))}
        <line className="diagonal" x1={0} y1={side} x2={side} y2={0} />
        <polyline className="told" points={shown.map(({ told, won, n }) => `${(told * side).toFixed(1)},${y(won / n).toFixed(1)}`).join(' ')} />
        {shown.map(({ from, told, won, n }) => (
          <circle key={from} cx={told * side} cy={y(won / n)} r={3 + 5 * Math.sqrt(n / most)}>
            <title>{t('prediction.bin', { told: format.percent(told), came: format.percent(won / n), n })}</title>
          </circle>
        ))}
        <text x={side / 2} y={side + 32} textAnchor="middle">{t('prediction.told')}</text>
      </svg>
      <figcaption className="t3 small-text">{t('prediction.reliability_hint')}</figcaption>
    </figure>
  );
}

function BinTable({ bins }: { bins: Bin[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <table className="plain-table">
      <thead><tr><th>{t('prediction.told')}</th><th className="num">{t('scoring.leads')}</th><th className="num">{t('prediction.came')}</th></tr></thead>
      <tbody>
        {bins.filter(({ n }) => n > 0).map(({ from, to, n, won }) => (
          <tr key={from}><th scope="row">{format.percent(from)}–{format.percent(to)}</th><td className="num">{format.count(n)}</td><td className={n < 20 ? 'num t3' : 'num'}>{format.percent(won / n)}</td></tr>
        ))}
      </tbody>
    </table>
  );
}

function Quality({ newest }: { newest: Newest }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { quality } = newest;
  const better = quality.auc >= 0.75 ? 'good' : quality.auc >= 0.6 ? 'fair' : 'poor';
  const rows = [
    ['auc', quality.auc.toFixed(3), '0.500'], ['accuracy', format.percent(quality.accuracy, 1), format.percent(quality.baseline_accuracy, 1)],
    ['log_loss', quality.log_loss.toFixed(3), quality.baseline_log_loss.toFixed(3)],
  ] as const;
  return (
    <>
      <p className="answer">{t(`prediction.quality_${better}`, { auc: quality.auc.toFixed(3), pairs: Math.round(quality.auc * 100) })}</p>
      <table className="plain-table quality">
        <thead><tr><th>{t('prediction.unseen')}</th><th className="num">{t('prediction.model')}</th><th className="num">{t('prediction.baseline')}</th></tr></thead>
        <tbody>{rows.map(([name, model, base]) => <tr key={name}><th scope="row">{t(`prediction.${name}`)}</th><td className="num strong">{model}</td><td className="num t2">{base}</td></tr>)}</tbody>
      </table>
      <p className="t3 small-text">{t('prediction.basis', { rows: format.count(newest.rows), won: format.count(newest.won), share: format.percent(quality.share, 1) })}</p>
    </>
  );
}

function Learned({ newest }: { newest: Newest }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <h3>{t('prediction.learns_from')}</h3>
      <div className="score-chips">{newest.learns_from.map((name) => <span key={name} className="tag">{name}</span>)}</div>
      <h3>{t('prediction.refused')}</h3>
      {newest.refused.length === 0 ? <p className="t2 dense">{t('prediction.none_refused')}</p> : (
        <ul className="score-rules">{newest.refused.map(({ name, why, share }) => <li key={name}><b>{name}</b> <span className="t2">{t(`prediction.why_${why}`, { share: format.percent(share) })}</span></li>)}</ul>
      )}
    </>
  );
}

/** What it learned from and is no more: somebody deleted a field or switched a card off since. */
function Lost({ newest }: { newest: Newest }) {
  const { t } = useTranslation();
  const what = newest.lost_fields ? 'lost_fields' : 'lost_rules';
  if (newest[what] === 0) return null;
  return <div className="notice warn dense" role="status">{t(`prediction.${what}`, { count: newest[what] })}</div>;
}

function NotEnough({ state }: { state: State }) {
  const { t } = useTranslation();
  const lost = state.decided - state.won;
  const bars = [['decided', state.decided, state.rows_least], ['won', state.won, state.outcomes_least], ['lost', lost, state.outcomes_least]] as const;
  return (
    <Empty title={t('prediction.not_enough')} hint={t('prediction.not_enough_hint')}>
      <div className="not-enough">
        {bars.map(([name, done, least]) => <div key={name}><span className="dense">{t(`prediction.has_${name}`, { done, least })}</span><ProgressBar done={Math.min(done, least)} total={least} label={t(`prediction.has_${name}`, { done, least })} /></div>)}
      </div>
    </Empty>
  );
}

/** How likely leads are to convert: how it is learned, how good it is, what it is compared with. */
export function PredictionPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const { data: state, error, refetch } = useQuery({ queryKey: ['predictions'], queryFn: () => api.get<State>('/predictions/state') });
  const train = useMutation({ mutationFn: () => api.post<State>('/predictions/train', {}), onSuccess: (next) => client.setQueryData(['predictions'], next) });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!state) return <SkeletonLines count={6} />;
  const enough = state.decided >= state.rows_least && state.won >= state.outcomes_least && state.decided - state.won >= state.outcomes_least;
  const newest = state.newest;
  const last = state.models[0];
  if (!enough && !newest) return <NotEnough state={state} />;
  return (
    <>
      <p className="t2 scoring-hint">{t('prediction.hint')}</p>
      <div className="row wrap">
        <Button type={newest ? 'default' : 'primary'} loading={train.isPending} disabled={!enough} onClick={() => train.mutate()}>{t(newest ? 'prediction.again' : 'prediction.train')}</Button>
        {last && <span className="t3 small-text">{t('prediction.last', { at: format.instant(last.at) })}</span>}
      </div>
      {train.error && <ErrorNotice error={train.error} />}
      {newest && (
        <>
          <Lost newest={newest} />
          <Quality newest={newest} />
          <div className="prediction-columns"><Reliability bins={newest.bins} /><BinTable bins={newest.bins} /></div>
          <Learned newest={newest} />
          <h3>{t('scoring.versions')}</h3>
          <ul className="score-rules">{state.models.map((one) => <li key={one.id} className="row"><span className="grow">{format.instant(one.at)} · {t('prediction.rows', { count: one.rows })}</span>AUC {one.auc.toFixed(3)}</li>)}</ul>
        </>
      )}
    </>
  );
}
