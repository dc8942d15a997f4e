import { useMemo } from 'react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import dayjs from 'dayjs';
import { api } from '@/api/client';
import { useSession } from '@/api/session';
import type { Condition, ConditionLeaf } from '@/api/types';
import { linkTo } from '@/condition/where';
import { useFormat } from '@/format/useFormat';
import { instantOfWall } from '@/format/zone';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { narrowest, splits, type Counted, type FunnelFilter, type FunnelReport } from './funnel';
import { FunnelChart } from './FunnelChart';
import { FunnelFilters } from './FunnelFilters';
import { Amounts, Interval, SplitTable, StepTable } from './FunnelTables';
import './funnel.css';

const filterNames = ['pipeline', 'from', 'to', 'owner', 'department'] as const;

function useFilter(): [FunnelFilter, (change: Partial<FunnelFilter>) => void] {
  const [search, setSearch] = useSearchParams();
  const filter = Object.fromEntries(filterNames.map((name) => [name, search.get(name)])) as unknown as FunnelFilter;
  const change = (next: Partial<FunnelFilter>) => setSearch((before) => {
    const after = new URLSearchParams(before);
    for (const [name, value] of Object.entries(next)) {
      if (value) after.set(name, value);
      else after.delete(name);
    }
    return after;
  });
  return [filter, change];
}

/** The leads counted by the first step. */
function useLeadWhere(filter: FunnelFilter): Condition {
  const { company } = useSession();
  return useMemo(() => {
    const start = (day: string) => instantOfWall(`${day}T00:00`, company.time_zone);
    const leaves: (ConditionLeaf | null)[] = [
      filter.from ? { field: 'created_at', op: 'gte', value: start(filter.from) } : null,
      filter.to ? { field: 'created_at', op: 'lt', value: start(dayjs(filter.to).add(1, 'day').format('YYYY-MM-DD')) } : null,
      filter.owner ? { field: 'owner_id', op: 'eq', value: filter.owner } : null,
      filter.department ? { field: 'owner_department_id', op: 'eq', value: filter.department } : null,
    ];
    return { all: leaves.filter((leaf) => leaf !== null) };
  }, [filter.from, filter.to, filter.owner, filter.department, company.time_zone]);
}

/** The answer in one sentence, with what is not known. */
function Answer({ report }: { report: FunnelReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [lead, deal] = report.steps;
  const worst = narrowest(report.steps);
  const next = worst && report.steps[report.steps.indexOf(worst) + 1];
  return (
    <p className="answer">
      {t('funnel.answer', { leads: format.count(lead?.reached ?? 0), deals: format.count(deal?.reached ?? 0), won: format.count(report.won.count) })}
      {report.win_rate && <>{t('funnel.answer_rate')}<b>{format.percent(report.win_rate.value, 1)}</b>{t('funnel.bracket_open')}<Interval rate={report.win_rate} />{t('funnel.bracket_close')}</>}
      {worst?.conversion && next
        ? <>{t('funnel.answer_narrow')}<b className="bad">{worst.label} → {next.label} {format.percent(worst.conversion.value, 1)}</b>{t('funnel.answer_below', { rate: format.percent(worst.threshold ?? '0') })}</>
        : t('funnel.answer_fine')}
    </p>
  );
}

function Outcome({ label, counted }: { label: string; counted: Counted }) {
  const format = useFormat();
  return (
    <div>
      <dt className="t3 small-text">{label}</dt>
      <dd className="figure">{counted.count > 0 ? <Link to={linkTo('opportunities', counted.where)}>{format.count(counted.count)}</Link> : 0}</dd>
      <dd className="t2 dense"><Amounts amounts={counted.amounts} /></dd>
    </div>
  );
}

function Outcomes({ report }: { report: FunnelReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const days = report.mean_days_to_close;
  return (
    <dl className="funnel-outcomes">
      <Outcome label={t('funnel.open_deals')} counted={report.open} />
      <Outcome label={t('funnel.won')} counted={report.won} />
      <Outcome label={t('funnel.lost')} counted={report.lost} />
      <div>
        <dt className="t3 small-text">{t('funnel.win_rate')}</dt>
        <dd className="figure">{report.win_rate ? format.percent(report.win_rate.value, 1) : '—'}</dd>
        <dd className="t2 dense">{report.win_rate ? <>{t('funnel.interval')} <Interval rate={report.win_rate} /></> : t('funnel.none_closed')}</dd>
      </div>
      {days?.won && (
        <div>
          <dt className="t3 small-text">{t('funnel.days_to_win')}</dt>
          <dd className="figure">{Math.round(Number(days.won))}<span className="unit">{t('funnel.days')}</span></dd>
          <dd className="t2 dense">{days.all ? t('funnel.days_all', { count: Math.round(Number(days.all)) }) : ''}</dd>
        </div>
      )}
    </dl>
  );
}

function Report({ report, leads }: { report: FunnelReport; leads: Condition }) {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const by = splits.find((split) => split === search.get('by')) ?? 'steps';
  const open = (name: string) => setSearch((before) => { const next = new URLSearchParams(before); next.set('by', name); return next; }, { replace: true });
  const uncertain = report.steps.some(({ unknown }) => unknown > 0);
  return (
    <>
      <Answer report={report} />
      <div className="funnel-top">
        <FunnelChart report={report} leads={leads} />
        <Outcomes report={report} />
      </div>
      {uncertain && <p className="t2 dense">{t('funnel.unknown_hint')}</p>}
      <div className="tabs funnel-tabs" role="group" aria-label={t('funnel.tables')}>
        {(['steps', ...splits] as const).map((name) => (
          <button key={name} type="button" className={name === by ? 'on' : ''} aria-pressed={name === by} onClick={() => open(name)}>{t(`funnel.tab_${name}`)}</button>
        ))}
      </div>
      <div className="table-scroll" role="region" aria-label={t('funnel.tables')} tabIndex={0}>
        {by === 'steps' ? <StepTable report={report} leads={leads} /> : <SplitTable report={report} split={by} />}
      </div>
    </>
  );
}

/** How many of what came in went how far, and what was won. */
export default function FunnelPage() {
  const { t } = useTranslation();
  const [filter, change] = useFilter();
  const leads = useLeadWhere(filter);
  const { data: report, error, refetch } = useQuery({
    queryKey: ['reports', 'funnel', filter],
    queryFn: () => api.get<FunnelReport>('/reports/funnel', {
      pipeline_id: filter.pipeline, from: filter.from, to: filter.to, owner_id: filter.owner, department_id: filter.department,
    }),
    placeholderData: keepPreviousData,
  });
  const nothingYet = report && report.steps.every(({ reached, unknown }) => reached + unknown === 0);
  return (
    <div className="page">
      <header className="page-head"><h1>{t('funnel.title')}</h1><span className="grow" /><span className="t3 dense funnel-note">{t('funnel.drill')}</span></header>
      <FunnelFilters filter={filter} onChange={change} />
      <div className="funnel-body">
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!report && !error && <SkeletonRows />}
        {nothingYet && <Empty title={t('funnel.empty')} hint={t('funnel.empty_hint')} />}
        {report && !nothingYet && <Report report={report} leads={leads} />}
      </div>
    </div>
  );
}
