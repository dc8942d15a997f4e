import type { TFunction } from 'i18next';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { PeriodBar } from '@/sales/PeriodBar';
import { gone, periodKinds, periodLabel } from '@/sales/period';
import { amountOf, columns, ranked, seesAll, type Line, type PerformanceReport } from './performance';
import { RankingChart, TrendChart } from './PerformanceCharts';
import { Change, PerformanceTable } from './PerformanceTable';
import { TargetGrid } from './TargetGrid';
import './performance.css';

function useAsked() {
  const [search, setSearch] = useSearchParams();
  const change = (given: Record<string, string | null>) => setSearch((before) => {
    const after = new URLSearchParams(before);
    for (const [name, value] of Object.entries(given)) {
      if (value) after.set(name, value);
      else after.delete(name);
    }
    return after;
  });
  return {
    kind: periodKinds.find((name) => name === search.get('period')) ?? 'month' as const,
    on: search.get('on'), by: search.get('by') ?? 'owner', compare: search.get('compare') === 'year' ? 'year' : 'previous',
    column: columns.find((name) => name === search.get('sort')) ?? 'won_amount' as const,
    targets: search.get('view') === 'targets', change,
  };
}

/** Today in the company's zone, by the formatter that knows it. */
function useToday(): string {
  return useFormat().dayKey(new Date());
}

function Answer({ report }: { report: PerformanceReport }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const today = useToday();
  const { now, before, target, target_won: planned, target_converted: toConvert } = report.total;
  const [best] = ranked(report.lines, 'won_amount');
  const language = i18n.language === 'en' ? 'en' : 'zh';
  return (
    <p className="answer">
      {t(seesAll(report.lines) ? 'performance.answer' : 'performance.answer_seen', { period: periodLabel(report.period, format, language) })}<b>{t('performance.answer_won', { count: now.won, amount: format.shortMoney(now.won_amount) })}</b>
      {target?.reached && <>{t('performance.answer_reached')}<b>{format.percent(target.reached)}</b>{report.cut ? t('performance.answer_gone', { share: format.percent(gone(report.period, today).toFixed(4)) }) : ''}</>}
      {amountOf(before.won_amount) > 0 && <>{t(report.cut ? 'performance.answer_than_cut' : 'performance.answer_than')}<Change now={now} before={before} /></>}
      {t('performance.stop')}
      {planned?.reached && t('performance.answer_count', { reached: format.percent(planned.reached), count: planned.count })}
      {toConvert?.reached && t('performance.answer_converted', { count: now.converted ?? 0, reached: format.percent(toConvert.reached), planned: toConvert.count })}
      {report.lines.length > 1 && best && amountOf(best.now.won_amount) > 0 && t('performance.answer_best', { name: best.title, amount: format.shortMoney(best.now.won_amount) })}
      {now.other ? t('performance.answer_other', { count: now.other }) : ''}
    </p>
  );
}

/** The line of whatever has no name is called so. */
function named({ lines, by }: PerformanceReport, t: TFunction): Line[] {
  const nobody = t(by === 'team' ? 'performance.no_team' : 'performance.nobody');
  return lines.map((line) => ({ ...line, title: line.title || nobody }));
}

function Report({ report: found }: { report: PerformanceReport }) {
  const { t } = useTranslation();
  const { column, change } = useAsked();
  const report = { ...found, lines: named(found, t) };
  const lines = ranked(report.lines, column);
  return (
    <>
      <Answer report={report} />
      <div className="report-charts"><RankingChart lines={ranked(report.lines, 'won_amount')} /><TrendChart trend={report.trend} /></div>
      {report.by === 'team' && <p className="t2 dense">{t('performance.one_team')}</p>}
      <PerformanceTable report={report} lines={lines} column={column} onSort={(name) => change({ sort: name })} />
    </>
  );
}

function Ranking() {
  const { t } = useTranslation();
  const { kind, on, by, compare, change } = useAsked();
  const { data: report, error, refetch } = useQuery({
    queryKey: ['reports', 'performance', kind, on, by, compare],
    queryFn: () => api.get<PerformanceReport>('/reports/performance', { period: kind, on, by, compare }),
    placeholderData: keepPreviousData,
  });
  const nothingYet = report && report.lines.length === 0 && report.trend.every(({ won }) => won === 0);
  return (
    <>
      <div className="report-filters">
        <PeriodBar kinds={periodKinds} kind={kind} period={report?.period ?? null} onKind={(name) => change({ period: name })} onDay={(day) => change({ on: day })} />
        <span className="report-choice">
          <span className="t3 dense nowrap">{t('performance.by')}</span>
          <Select size="small" aria-label={t('performance.by')} value={by} popupMatchSelectWidth={false} showSearch={{ optionFilterProp: 'label' }} options={(report?.dimensions ?? []).map(({ name, label }) => ({ value: name, label }))} onChange={(name) => change({ by: name })} />
        </span>
        <span className="report-choice">
          <span className="t3 dense nowrap">{t('performance.compare')}</span>
          <Select size="small" aria-label={t('performance.compare')} value={compare} popupMatchSelectWidth={false} options={[{ value: 'previous', label: t('performance.compare_previous') }, { value: 'year', label: t('performance.compare_year') }]} onChange={(name) => change({ compare: name === 'year' ? 'year' : null })} />
        </span>
      </div>
      <div className="report-body">
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!report && !error && <SkeletonRows />}
        {nothingYet && <Empty title={t('performance.empty')} hint={t('performance.empty_hint')}><Link to="/opportunities">{t('performance.to_deals')}</Link></Empty>}
        {report && !nothingYet && <Report report={report} />}
      </div>
    </>
  );
}

/** What was sold, by whom and by what, beside what was to be reached. */
export default function PerformancePage() {
  const { t } = useTranslation();
  const { targets, change } = useAsked();
  const planned = useModel().named('target');
  const tab = (on: boolean, label: string, view: string | null) => <button type="button" className={on ? 'on' : ''} aria-pressed={on} onClick={() => change({ view })}>{label}</button>;
  return (
    <div className="page">
      <header className="page-head"><h1>{t('performance.title')}</h1></header>
      {planned && (
        <div className="tabs performance-tabs" role="group" aria-label={t('performance.title')}>
          {tab(!targets, t('performance.ranking'), null)}{tab(targets, t('performance.targets'), 'targets')}
        </div>
      )}
      {targets && planned ? <TargetGrid /> : <Ranking />}
    </div>
  );
}
