import dayjs from 'dayjs';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { linkTo } from '@/condition/where';
import { useFormat } from '@/format/useFormat';
import { shortPeriod } from '@/sales/period';
import { partOf, size, type ForecastReport, type Outlook, type PastPeriod, type Snapshot } from './forecast';

const stacked = ['closed', 'commit', 'best_case', 'pipeline'] as const;

/** What is closed and what deals are called, from zero; below it what is expected, with its range, and the target. */
export function OutlookChart({ total }: { total: Outlook }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sum = stacked.reduce((before, name) => before + size(partOf(total, name)?.amount), 0);
  const most = Math.max(1, sum, size(total.high), size(total.target)) * 1.02;
  const at = (value: number) => `${(value / most) * 100}%`;
  return (
    <figure className="report-chart outlook" aria-label={t('forecast.outlook')}>
      <div className="report-legend">
        {stacked.map((name) => {
          const part = partOf(total, name);
          const text = `${t(`forecast.${name}`)} ${part ? format.shortMoney(part.amount) : ''}`;
          return <span key={name}><i className={`key-${name}`} aria-hidden="true" />{part && part.count > 0 ? <Link to={linkTo('opportunities', part.where)}>{text}</Link> : text}</span>;
        })}
      </div>
      <div className="outlook-plot">
        <div className="outlook-stack">
          {stacked.map((name) => <i key={name} className={`key-${name}`} style={{ width: at(size(partOf(total, name)?.amount)) }} title={`${t(`forecast.${name}`)} ${format.shortMoney(partOf(total, name)?.amount ?? total.expected)}`} />)}
        </div>
        <div className="outlook-range">
          <i className="range" style={{ left: at(size(total.low)), width: at(size(total.high) - size(total.low)) }} />
          <i className="point" style={{ left: at(size(total.expected)) }} />
          <span className="said dense" style={{ left: `min(${at(size(total.expected))}, calc(100% - 256px))` }}>{t('forecast.expected')} <b>{format.shortMoney(total.expected)}</b> <span className="t2">{format.shortMoney(total.low)}–{format.shortMoney(total.high)}</span></span>
        </div>
        {total.target && <i className="outlook-target" style={{ left: at(size(total.target)) }}><span className="dense">{t('performance.target')} {format.shortMoney(total.target)}</span></i>}
      </div>
    </figure>
  );
}

const [wide, high, foot] = [520, 180, 18];
const layers = ['closed', 'commit', 'best_case', 'pipeline'] as const;

/** How the forecast of this period stood from week to week. */
export function MovementChart({ snapshots, total, today, period }: Pick<ForecastReport, 'snapshots' | 'total' | 'today' | 'period'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const now: Snapshot = {
    on: today, expected: total.expected, closed: total.expected, commit: total.expected, best_case: total.expected, pipeline: total.expected,
    ...Object.fromEntries(layers.map((name) => [name, partOf(total, name)?.amount ?? total.expected])),
  };
  const all = [...snapshots.filter(({ on }) => on < today), now];
  const first = dayjs(all[0]?.on ?? today);
  const span = Math.max(dayjs(period.to).diff(first, 'day'), 1);
  const sums = all.map((at) => { let sum = 0; return layers.map((name) => (sum += size(at[name]))); });
  const most = Math.max(1, size(total.target), ...all.map(({ expected }) => size(expected)), ...sums.map((list) => list[3] ?? 0)) * 1.05;
  const x = (on: string) => (dayjs(on).diff(first, 'day') / span) * wide;
  const y = (value: number) => high - (value / most) * high;
  const area = (layer: number) => {
    const top = all.map(({ on }, index) => `${x(on)},${y(sums[index]?.[layer] ?? 0)}`);
    const bottom = all.map(({ on }, index) => `${x(on)},${y(layer ? sums[index]?.[layer - 1] ?? 0 : 0)}`).reverse();
    return [...top, ...bottom].join(' ');
  };
  return (
    <figure className="report-chart" aria-label={t('forecast.movement')}>
      <h2>{t('forecast.movement')}</h2>
      {snapshots.length === 0 ? <p className="t2 dense">{t('forecast.no_snapshots')}</p> : (
        <svg viewBox={`0 0 ${wide} ${high + foot}`} role="img" aria-label={t('forecast.movement')}>
          {layers.map((name, layer) => <polygon key={name} points={area(layer)} className={`area-${name}`} />)}
          <polyline points={all.map(({ on, expected }) => `${x(on)},${y(size(expected))}`).join(' ')} className="expected" />
          {all.map((at) => <circle key={at.on} cx={x(at.on)} cy={y(size(at.expected))} r="3" className="expected-dot"><title>{`${at.on} ${t('forecast.expected')} ${format.shortMoney(at.expected)}, ${t('forecast.closed')} ${format.shortMoney(at.closed)}, ${t('forecast.commit')} ${format.shortMoney(at.commit)}`}</title></circle>)}
          {total.target && <line x1="0" x2={wide} y1={y(size(total.target))} y2={y(size(total.target))} className="goal" />}
          <line x1="0" x2={wide} y1={high} y2={high} className="axis" />
          <text x="0" y={high + 14}>{format.date(all[0]?.on ?? today)}</text>
          <text x={wide} y={high + 14} textAnchor="end">{format.date(period.to)}</text>
        </svg>
      )}
    </figure>
  );
}

/** What was said at the beginning of past periods, what came, and what the period before would have said. */
export function RecordChart({ periods }: { periods: PastPeriod[] }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const language = i18n.language === 'en' ? 'en' : 'zh';
  const most = Math.max(1, ...periods.flatMap(({ came, said, naive }) => [size(came), size(said), size(naive)])) * 1.05;
  const step = wide / Math.max(periods.length, 1);
  const y = (value: number) => high - (value / most) * high;
  const middle = (index: number) => index * step + step / 2;
  return (
    <svg viewBox={`0 0 ${wide} ${high + foot}`} role="img" aria-label={t('forecast.record')}>
      {periods.map(({ code, came, said, naive }, index) => (
        <g key={code}>
          <title>{`${code} ${t('forecast.came')} ${format.shortMoney(came)}, ${t('forecast.said')} ${format.shortMoney(said)}, ${t('forecast.naive')} ${format.shortMoney(naive)}`}</title>
          <rect x={middle(index) - Math.min(step * 0.3, 20)} width={Math.min(step * 0.6, 40)} y={y(size(came))} height={high - y(size(came))} className="came" />
          <circle cx={middle(index)} cy={y(size(said))} r="5" className="said-dot" />
          <rect x={middle(index) - 4} y={y(size(naive)) - 4} width="8" height="8" className="naive-dot" />
          <text x={middle(index)} y={high + 14} textAnchor="middle">{shortPeriod(code, language)}</text>
        </g>
      ))}
      <line x1="0" x2={wide} y1={high} y2={high} className="axis" />
    </svg>
  );
}
