import { Segmented } from 'antd';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { views, type DealsReport, type FunnelFilter, type FunnelReport, type FunnelView } from './funnel';
import { DealsFunnel } from './DealsFunnel';
import { FunnelFilters } from './FunnelFilters';
import { StepsFunnel } from './StepsFunnel';
import './funnel.css';

const filterNames = ['pipeline', 'from', 'to', 'owner', 'department', 'team', 'product', 'source', 'region'] as const;

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

function queryOf({ from, to, owner, department, team, pipeline, product, source, region }: FunnelFilter, view: FunnelView) {
  const asked = { from, to, owner_id: owner, department_id: department, team_id: team, pipeline_id: pipeline, product_id: product, source, region };
  return view === 'deals' ? asked : { view, ...asked };
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
  const query = queryOf(filter, 'deals');
  const { data: report, error, refetch } = useQuery({
    queryKey: ['reports', 'funnel', 'deals', query],
    queryFn: () => api.get<DealsReport>('/reports/funnel/deals', query),
    placeholderData: keepPreviousData,
  });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!report) return <SkeletonRows />;
  return report.steps.every(({ reached, unknown }) => reached + unknown === 0) ? <Nothing /> : <DealsFunnel report={report} leads={report.leads_where} />;
}

/** How many of what came in went how far, where it gets narrow and why. */
export default function FunnelPage() {
  const { t } = useTranslation();
  const { filter, view, change } = useAsked();
  return (
    <div className="page">
      <header className="page-head"><h1>{t('funnel.title')}</h1><span className="grow" /><span className="t3 dense funnel-note">{t('funnel.drill')}</span></header>
      <FunnelFilters filter={filter} onChange={change} />
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
