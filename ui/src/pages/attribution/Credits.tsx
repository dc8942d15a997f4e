import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { linkTo } from '@/condition/where';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { byCredit, columnSum, models, mostDisputed, placeKey, range, size, type AttributionReport, type CreditRow, type Model } from './attribution';
import { CreditDrawer } from './CreditDrawer';
import { CutNotice } from './CutNotice';
import { useAsked } from './useAsked';

const shownMost = 14;

function Answer({ report, model }: { report: AttributionReport; model: Model }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [best] = byCredit(report.rows, model);
  const disputed = mostDisputed(report.rows);
  const name = (row: CreditRow) => row.title || t('attribution.not_said');
  return (
    <p className="answer">
      {t('attribution.answer', { amount: format.shortMoney(report.revenue), count: report.deals })}
      {best && size(best.credits[model]) > 0 && <><b>{name(best)}</b>{t('attribution.answer_best')}<b>{format.shortMoney(best.credits[model])}</b>{t('performance.stop')}</>}
      {disputed && <><b>{name(disputed)}</b>{t('attribution.answer_disputed', { first: format.shortMoney(disputed.credits.first), last: format.shortMoney(disputed.credits.last) })}</>}
      {report.untouched.deals > 0 && t('attribution.answer_untouched', { count: report.untouched.deals, amount: format.shortMoney(report.untouched.amount) })}
    </p>
  );
}

/** Where the models agree: the main one, first and last, and the range of all. */
function RangeChart({ rows, model }: { rows: CreditRow[]; model: Model }) {
  const { t } = useTranslation();
  const format = useFormat();
  const shown = byCredit(rows, model).slice(0, shownMost);
  const most = Math.max(1, ...shown.map((row) => range(row)[1]));
  const at = (value: number) => `${(Math.max(0, value) / most) * 100}%`; // what was given back earns nothing
  return (
    <figure className="report-chart" aria-label={t('attribution.range')}>
      <div className="report-legend" aria-hidden="true">
        <span><i className="key-main" />{t(`attribution.model_${model}`)}</span><span><i className="key-first" />{t('attribution.model_first')}</span>
        <span><i className="key-last" />{t('attribution.model_last')}</span><span><i className="key-range" />{t('attribution.range')}</span>
      </div>
      <ol className="credit-ranges">
        {shown.map((row) => {
          const [low, high] = range(row);
          return (
            <li key={row.title}>
              <span className="credit-name">{row.title || t('attribution.not_said')}</span>
              <span className="credit-plot">
                <i className="key-range" style={{ left: at(low), width: at(high - Math.max(0, low)) }} />
                <i className="mark key-first" style={{ left: at(size(row.credits.first)) }} title={`${t('attribution.model_first')} ${format.shortMoney(row.credits.first)}`} />
                <i className="mark key-last" style={{ left: at(size(row.credits.last)) }} title={`${t('attribution.model_last')} ${format.shortMoney(row.credits.last)}`} />
                <i className="mark key-main" style={{ left: at(size(row.credits[model])) }} title={`${t(`attribution.model_${model}`)} ${format.shortMoney(row.credits[model])}`} />
              </span>
            </li>
          );
        })}
      </ol>
    </figure>
  );
}

function CreditTable({ report, model, onOpen }: { report: AttributionReport; model: Model; onOpen: (row: CreditRow, model: Model) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <TableScroll label={t('attribution.title')}>
      <table className="plain-table">
        <thead>
          <tr>
            <th>{t(report.by === 'campaign' ? 'attribution.by_campaign' : 'attribution.by_channel')}</th><th className="num">{t('attribution.deals')}</th><th className="num">{t('attribution.touches')}</th>
            {models.map((name) => <th key={name} className={`num ${name === model ? 'strong' : ''}`} title={t(`attribution.hint_${name}`)}>{t(`attribution.model_${name}`)}</th>)}
          </tr>
        </thead>
        <tbody>
          {byCredit(report.rows, model).map((row) => (
            <tr key={row.title}>
              <td className="nowrap">{row.title || t('attribution.not_said')}</td>
              <td className="num">{format.count(row.deals)}</td><td className="num">{format.count(row.touches)}</td>
              {models.map((name) => (
                <td key={name} className={`num ${name === model ? 'strong' : ''}`}>
                  <button type="button" className="link" onClick={() => onOpen(row, name)}>{format.shortMoney(row.credits[name])}</button>
                </td>
              ))}
            </tr>
          ))}
          {report.untouched.deals > 0 && (
            <tr>
              <td>{t('attribution.untouched')}</td>
              <td className="num">{report.untouched.where ? <Link to={linkTo('opportunities', report.untouched.where)}>{format.count(report.untouched.deals)}</Link> : format.count(report.untouched.deals)}</td>
              <td className="num">0</td>
              {models.map((name) => <td key={name} className="num t2">{format.shortMoney(report.untouched.amount)}</td>)}
            </tr>
          )}
          <tr className="total">
            <td>{t('performance.total')}</td><td className="num">{format.count(report.deals)}</td><td className="num">{format.count(report.touches)}</td>
            {models.map((name) => <td key={name} className="num">{format.shortMoney(columnSum(report, name))}</td>)}
          </tr>
        </tbody>
      </table>
    </TableScroll>
  );
}

/** Won revenue by what led to it. */
export function Credits() {
  const { t } = useTranslation();
  const { from, to, window, by, model, place, change } = useAsked();
  const asked = { from, to, window, by: by ?? 'channel' };
  const { data: report, error, refetch } = useQuery({
    queryKey: ['reports', 'attribution', asked], queryFn: () => api.get<AttributionReport>('/reports/attribution', asked), placeholderData: keepPreviousData,
  });
  return (
    <div className="report-body">
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!report && !error && <SkeletonRows />}
      {report?.deals === 0 && <Empty title={t('attribution.empty')} hint={t('attribution.empty_hint')} />}
      {report && report.deals > 0 && (
        <>
          <CutNotice cut={report.cut} />
          <Answer report={report} model={model} />
          <RangeChart rows={report.rows} model={model} />
          <p className="t2 dense">{t('attribution.exact')}{report.other > 0 ? t('attribution.other', { count: report.other }) : ''}</p>
          <CreditTable report={report} model={model} onOpen={(row, chosen) => change({ place: placeKey(row), model: chosen })} />
        </>
      )}
      {place && report && <CreditDrawer place={place} model={model} asked={asked} onClose={() => change({ place: null })} />}
    </div>
  );
}
