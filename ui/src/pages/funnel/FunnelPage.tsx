import { useMemo } from 'react';
import { Segmented } from 'antd';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import dayjs from 'dayjs';
import { api } from '@/api/client';
import { useSession } from '@/api/session';
import type { Condition, ConditionLeaf } from '@/api/types';
import { instantOfWall } from '@/format/zone';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { views, type DealsReport, type FunnelFilter, type FunnelReport, type FunnelView } from './funnel';
import { DealsFunnel } from './DealsFunnel';
import { FunnelFilters } from './FunnelFilters';
import { StepsFunnel } from './StepsFunnel';
import './funnel.css';

const filterNames = ['pipeline', 'from', 'to', 'owner', 'department', 'team', 'product'] as const;

interface Asked {
  filter: FunnelFilter;
  view: FunnelView;
  change: (next: Partial<FunnelFilter> & { view?: FunnelView }) => void;
}

/** What is asked stands in the address. */
function useAsked(): Asked {
  const [search, setSearch] = useSearchParams();
  const filter = Object.fromEntries(filterNames.map((name) => [name, search.get(name)])) as unknown as FunnelFilter;
  const view = views.find((name) => name === search.get('view')) ?? 'leads';
  const change: Asked['change'] = (next) => setSearch((before) => {
    const after = new URLSearchParams(before);
    for (const [name, value] of Object.entries(next)) {
      if (value) after.set(name, value);
      else after.delete(name);
    }
    return after;
  });
  return { filter, view, change };
}

/** The leads counted by the first step of the deals' report. */
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

function queryOf({ from, to, owner, department, team, pipeline, product }: FunnelFilter, view: FunnelView) {
  const common = { from, to, owner_id: owner, department_id: department };
  if (view === 'leads') return { view, ...common, team_id: team };
  if (view === 'period') return { view, ...common, team_id: team, pipeline_id: pipeline, product_id: product };
  return { ...common, pipeline_id: pipeline, product_id: product };
}

function Nothing() {
  const { t } = useTranslation();
  return <Empty title={t('funnel.empty')} hint={t('funnel.empty_hint')} />;
}

function Steps({ filter, view }: { filter: FunnelFilter; view: FunnelView }) {
  const query = queryOf(filter, view);
  const { data: report, error, refetch } = useQuery({
    queryKey: ['reports', 'funnel', query],
    queryFn: () => api.get<FunnelReport>('/reports/funnel', query),
    placeholderData: keepPreviousData,
  });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!report) return <SkeletonRows />;
  return report.steps.every(({ reached }) => reached === 0) ? <Nothing /> : <StepsFunnel report={report} query={query} />;
}

function Deals({ filter }: { filter: FunnelFilter }) {
  const leads = useLeadWhere(filter);
  const query = queryOf(filter, 'deals');
  const { data: report, error, refetch } = useQuery({
    queryKey: ['reports', 'funnel', 'deals', query],
    queryFn: () => api.get<DealsReport>('/reports/funnel/deals', query),
    placeholderData: keepPreviousData,
  });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!report) return <SkeletonRows />;
  return report.steps.every(({ reached, unknown }) => reached + unknown === 0) ? <Nothing /> : <DealsFunnel report={report} leads={leads} />;
}

/** How many of what came in went how far, where it gets narrow and why. */
export default function FunnelPage() {
  const { t } = useTranslation();
  const { filter, view, change } = useAsked();
  return (
    <div className="page">
      <header className="page-head"><h1>{t('funnel.title')}</h1><span className="grow" /><span className="t3 dense funnel-note">{t('funnel.drill')}</span></header>
      <FunnelFilters filter={filter} view={view} onChange={change} />
      <div className="funnel-body">
        <div className="funnel-views">
          <Segmented
            size="small" aria-label={t('funnel.view')} value={view}
            options={views.map((value) => ({ value, label: t(`funnel.view_${value}`) }))} onChange={(next) => change({ view: next })}
          />
          <span className="t2 dense">{t(`funnel.view_${view}_hint`)}</span>
        </div>
        {view === 'deals' ? <Deals filter={filter} /> : <Steps filter={filter} view={view} />}
      </div>
    </div>
  );
}
