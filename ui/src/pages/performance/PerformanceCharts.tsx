import { useTranslation } from 'react-i18next';
import { useFormat } from '@/format/useFormat';
import { shortPeriod } from '@/sales/period';
import { amountOf, placeOf, type Line, type PerformanceReport } from './performance';

const shownMost = 12;

/** Who won most: a bar, where the target lies, where the earlier period stood. */
export function RankingChart({ lines }: { lines: Line[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const shown = lines.filter(({ now, before, target }) => amountOf(now.won_amount) + amountOf(before.won_amount) + amountOf(target?.amount) > 0).slice(0, shownMost);
  const most = Math.max(1, ...shown.flatMap(({ now, before, target }) => [amountOf(now.won_amount), amountOf(before.won_amount), amountOf(target?.amount)]));
  const at = (amount: number) => `${(amount / most) * 100}%`;
  return (
    <figure className="report-chart" aria-label={t('performance.ranking')}>
      <h2>{t('performance.ranking')}</h2>
      <div className="report-legend" aria-hidden="true">
        <span><i className="key-now" />{t('performance.now')}</span>
        <span><i className="key-before" />{t('performance.before')}</span>
        <span><i className="key-target" />{t('performance.target')}</span>
      </div>
      <ol className="ranking">
        {shown.map((line) => (
          <li key={line.id ?? line.title}>
            <span className="ranking-name"><span className="t3">{placeOf(lines, line)}</span> {line.title}</span>
            <span className="ranking-plot">
              <i className="ranking-now" style={{ width: at(amountOf(line.now.won_amount)) }} />
              {amountOf(line.before.won_amount) > 0 && <i className="ranking-before" style={{ left: at(amountOf(line.before.won_amount)) }} title={t('performance.before_at', { amount: format.shortMoney(line.before.won_amount) })} />}
              {line.target && <i className="ranking-target" style={{ left: at(amountOf(line.target.amount)) }} title={t('performance.target_at', { amount: format.shortMoney(line.target.amount) })} />}
            </span>
            <b className="ranking-figure">{format.shortMoney(line.now.won_amount)}</b>
            <span className="ranking-reached t2">{line.target?.reached ? format.percent(line.target.reached) : ''}</span>
          </li>
        ))}
      </ol>
    </figure>
  );
}

const [wide, high, foot] = [420, 170, 18];

/** What was won in the last periods, and what was to be reached. */
export function TrendChart({ trend }: { trend: PerformanceReport['trend'] }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const language = i18n.language === 'en' ? 'en' : 'zh';
  const most = Math.max(1, ...trend.flatMap(({ won_amount: won, target }) => [amountOf(won), amountOf(target?.amount)]));
  const step = wide / Math.max(trend.length, 1);
  const y = (amount: number) => high - (amount / most) * (high - 16);
  return (
    <figure className="report-chart" aria-label={t('performance.trend')}>
      <h2>{t('performance.trend')}</h2>
      <svg viewBox={`0 0 ${wide} ${high + foot}`} role="img" aria-label={t('performance.trend')}>
        <line x1="0" x2={wide} y1={high} y2={high} className="axis" />
        {trend.map(({ period, won_amount: won, target }, index) => (
          <g key={period.code}>
            <title>{`${period.code} ${format.shortMoney(won)}${target ? ` / ${format.shortMoney(target.amount)}` : ''}`}</title>
            <rect x={index * step + step * 0.18} width={step * 0.64} y={y(amountOf(won))} height={high - y(amountOf(won))} className={index === trend.length - 1 ? 'won-bar now' : 'won-bar'} />
            {target && <line x1={index * step + step * 0.06} x2={index * step + step * 0.94} y1={y(amountOf(target.amount))} y2={y(amountOf(target.amount))} className="goal" />}
            {(trend.length - 1 - index) % 2 === 0 && <text x={index * step + step / 2} y={high + 14} textAnchor="middle">{shortPeriod(period.code, language)}</text>}
          </g>
        ))}
      </svg>
    </figure>
  );
}
