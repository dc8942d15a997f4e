import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import type { Money } from '@/api/types';
import { useCreate } from '@/frame/create';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { PeriodBar } from '@/sales/PeriodBar';
import { periodLabel } from '@/sales/period';
import { gap, judged, size, verdict, type ForecastReport } from './forecast';
import { MovementChart, OutlookChart, RecordChart } from './ForecastCharts';
import { ForecastTable } from './ForecastTable';
import './forecast.css';

const kinds = ['month', 'quarter'] as const;

function useAsked() {
  const [search, setSearch] = useSearchParams();
  const change = (name: string, value: string | null) => setSearch((before) => {
    const after = new URLSearchParams(before);
    if (value) after.set(name, value);
    else after.delete(name);
    if (name === 'period') after.delete('on');
    return after;
  });
  return { kind: kinds.find((name) => name === search.get('period')) ?? 'quarter' as const, on: search.get('on'), by: search.get('by') ?? 'owner', change };
}

function Answer({ report }: { report: ForecastReport }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const { total, record } = report;
  const missing = gap(total);
  const stands = verdict(total);
  return (
    <p className="answer">
      {t('forecast.answer', { period: periodLabel(report.period, format, i18n.language === 'en' ? 'en' : 'zh') })}<b>{format.shortMoney(total.expected)}</b>
      {t('forecast.answer_range', { low: format.shortMoney(total.low), high: format.shortMoney(total.high) })}
      {stands && t(`forecast.answer_${stands}`, { amount: format.shortMoney(total.target ?? total.expected), judged: format.shortMoney(judged(total)) })}
      {missing && size(missing) > 0 && <><b className="bad">{t('forecast.short', { amount: format.shortMoney(missing) })}</b>{t('performance.stop')}</>}
      {record.verdict === 'unknown' ? t('forecast.record_unknown') : <>{t(`forecast.record_${record.verdict}`, { count: record.periods.length, accuracy: format.percent(record.accuracy), naive: format.percent(record.naive_accuracy) })}</>}
    </p>
  );
}

/** The three opinions whose middle is taken. */
function Opinions({ report }: { report: ForecastReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { opinions } = report.total;
  const rows: [string, Money][] = [
    [t('forecast.opinion_deals', { open: format.shortMoney(opinions.open), fresh: format.shortMoney(opinions.fresh) }), opinions.deals],
    [t('forecast.opinion_history'), opinions.history], [t('forecast.opinion_naive'), opinions.naive],
  ];
  return (
    <table className="plain-table opinions">
      <tbody>{rows.map(([label, amount]) => <tr key={label}><td>{label}</td><td className="num strong">{size(amount) > 0 ? format.shortMoney(amount) : '—'}</td></tr>)}</tbody>
    </table>
  );
}

function Record({ report }: { report: ForecastReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { record } = report;
  return (
    <figure className="report-chart" aria-label={t('forecast.record')}>
      <h2>{t('forecast.record')}</h2>
      {record.verdict === 'unknown' ? <p className="t2 dense">{t('forecast.record_unknown')}</p> : (
        <>
          <div className="report-legend"><span><i className="key-came" />{t('forecast.came')}</span><span><i className="key-said" />{t('forecast.said')}</span><span><i className="key-naive" />{t('forecast.naive')}</span></div>
          <RecordChart periods={record.periods} />
          <p className={`dense ${record.verdict === 'worse' ? 'warn' : 't2'}`}>
            {t('forecast.accuracy', { accuracy: format.percent(record.accuracy, 1), naive: format.percent(record.naive_accuracy, 1), line: format.percent(record.line_accuracy, 1), naive_line: format.percent(record.naive_line_accuracy, 1) })}
            {record.verdict === 'worse' && t('forecast.worse_hint')}
          </p>
        </>
      )}
    </figure>
  );
}

/** Opens the form for an adjustment of the period; nothing where one may not make any. */
function useAdjust(report: ForecastReport): ((of?: Record<string, unknown>) => void) | undefined {
  const client = useQueryClient();
  const create = useCreate();
  const entity = useModel().named('forecast_adjustment');
  if (!entity?.actions.create) return undefined;
  return (of) => create({
    entity, values: { period: report.period.kind, starts_on: report.period.from, ...of }, onCreated: () => void client.invalidateQueries({ queryKey: ['reports', 'forecast'] }),
  });
}

function Adjustments({ report, onAdjust }: { report: ForecastReport; onAdjust: (() => void) | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const entity = useModel().named('forecast_adjustment');
  if (!entity) return null;
  return (
    <section className="report-chart">
      <div className="row">
        <h2>{t('forecast.adjustments')}</h2>
        {onAdjust && <Button size="small" icon={<Icon name="plus" size={14} />} onClick={onAdjust}>{t('forecast.adjust')}</Button>}
      </div>
      {report.adjustments.length === 0 ? <p className="t2 dense">{t('forecast.no_adjustments')}</p> : (
        <TableScroll label={t('forecast.adjustments')}>
          <table className="plain-table">
            <tbody>
              {report.adjustments.map((adjustment) => (
                <tr key={adjustment.id}>
                  <td>{adjustment._refs?.user_id?.title ?? adjustment._refs?.department_id?.title ?? t('performance.company')}{adjustment.period !== report.period.kind && <span className="t3 small-text"> {format.month(String(adjustment.starts_on))}</span>}</td>
                  <td><Link to={`/forecast_adjustments/${adjustment.id}`}>{String(adjustment.reason)}</Link></td>
                  <td className="t2 nowrap">{adjustment._refs?.owner_id?.title} {format.day(adjustment.created_at)}</td>
                  <td className="num strong">{format.shortMoney(adjustment.amount as Money)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
    </section>
  );
}

function Report({ report }: { report: ForecastReport }) {
  const { t } = useTranslation();
  const { total } = report;
  const adjust = useAdjust(report);
  const notes = [
    total.overdue > 0 && t('forecast.overdue', { count: total.overdue }),
    report.undated > 0 && t('forecast.undated', { count: report.undated }),
    total.other > 0 && t('forecast.other', { count: total.other }),
  ].filter(Boolean);
  return (
    <>
      <Answer report={report} />
      <OutlookChart total={total} />
      {notes.length > 0 && <p className="t2 dense">{notes.join(' ')}</p>}
      <ForecastTable report={report} onAdjust={adjust} />
      <div className="report-charts even">
        <MovementChart snapshots={report.snapshots} total={total} today={report.today} period={report.period} />
        <Record report={report} />
        <section className="report-chart"><h2>{t('forecast.opinions')}</h2><Opinions report={report} /><p className="t2 dense">{t('forecast.opinions_hint')}</p></section>
        <Adjustments report={report} onAdjust={adjust && (() => adjust())} />
      </div>
    </>
  );
}

/** What the deals and the past say of a month or quarter, with how sure that is. */
export default function ForecastPage() {
  const { t } = useTranslation();
  const { kind, on, by, change } = useAsked();
  const { data: report, error, refetch } = useQuery({
    queryKey: ['reports', 'forecast', kind, on, by],
    queryFn: () => api.get<ForecastReport>('/reports/forecast', { period: kind, on, by }),
    placeholderData: keepPreviousData,
  });
  const current = report ? report.period.from <= report.today : true;
  const nothingYet = report && report.lines.length === 0 && report.undated === 0;
  return (
    <div className="page">
      <header className="page-head"><h1>{t('forecast.title')}</h1></header>
      <div className="report-filters">
        <PeriodBar kinds={kinds} kind={kind} period={report?.period ?? null} back={!current} onKind={(name) => change('period', name)} onDay={(day) => change('on', day)} />
        <span className="report-choice">
          <span className="t3 dense nowrap">{t('performance.by')}</span>
          <Select
            size="small" aria-label={t('performance.by')} value={by} popupMatchSelectWidth={false}
            options={(report?.dimensions ?? []).map(({ name, label }) => ({ value: name, label }))} onChange={(name) => change('by', name)}
          />
        </span>
      </div>
      <div className="report-body">
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!report && !error && <SkeletonRows />}
        {nothingYet && <Empty title={t('forecast.empty')} hint={t('forecast.empty_hint')}><Link to="/opportunities">{t('performance.to_deals')}</Link></Empty>}
        {report && !nothingYet && <Report report={report} />}
      </div>
    </div>
  );
}
