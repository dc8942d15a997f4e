import { lazy, Suspense } from 'react';
import { Button, Select } from 'antd';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useMay } from '@/api/session';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { PoolQueue } from './PoolQueue';
import { left, type Pool } from './pools';
import { useChosenPool, usePools } from './usePools';
import './pool.css';

const PoolReportView = lazy(() => import('./PoolReportView'));

/** What I may still take today, and how much I hold. */
function Limits({ pool }: { pool: Pool }) {
  const { t } = useTranslation();
  const { picks, holds } = left(pool);
  return (
    <span className="pool-limits dense">
      {picks === null
        ? <span className="t2">{t('pool.no_limit')}</span>
        : <span className={picks === 0 ? 'warn' : undefined}>{t('pool.picks_left')} <b>{picks}</b><span className="t3"> / {pool.pick_limit}</span></span>}
      {holds !== null && <span className={holds === 0 ? 'warn' : 't2'}>{t('pool.holding', { held: pool.held, cap: pool.holding_cap })}</span>}
    </span>
  );
}

function NoPools({ any }: { any: boolean }) {
  const { t } = useTranslation();
  const manages = useMay()('pools:manage');
  if (any) return <Empty title={t('pool.none_for_you')} hint={t('pool.none_for_you_hint')} />;
  return (
    <Empty title={t('pool.none')} hint={t('pool.none_hint')}>
      {manages && <Link to="/settings/lead-pools?open=new"><Button type="primary">{t('pool.make')}</Button></Link>}
    </Empty>
  );
}

/** Leads that are nobody's: see what may be seen, grab, go on. */
export default function PoolPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const [search, setSearch] = useSearchParams();
  const { data, error, refetch } = usePools();
  const pools = data?.data ?? [];
  const [pool, choose] = useChosenPool(pools);
  const reports = may('reports:read') && pools.some(({ manages }) => manages);
  const report = reports && search.get('view') === 'report';
  const show = (view: string | null) => setSearch((before) => {
    const after = new URLSearchParams(before);
    if (view) after.set('view', view);
    else after.delete('view');
    return after;
  });
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('pool.title')}</h1>
        {reports && (
          <span className="segments" role="group" aria-label={t('pool.views')}>
            <button type="button" className={report ? undefined : 'on'} aria-pressed={!report} onClick={() => show(null)}>{t('pool.view_leads')}</button>
            <button type="button" className={report ? 'on' : undefined} aria-pressed={report} onClick={() => show('report')}>{t('pool.view_report')}</button>
          </span>
        )}
        <span className="grow" />
        {may('pools:manage') && <Link className="t2 dense pool-settings" to="/settings/lead-pools">{t('pool.settings')}</Link>}
      </header>
      {error && !data && <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>}
      {!data && !error && <SkeletonRows count={12} />}
      {data && !pool && <NoPools any={data.any} />}
      {report && <Suspense fallback={<SkeletonRows count={6} />}><PoolReportView /></Suspense>}
      {pool && !report && (
        <>
          <div className="pool-bar">
            <Select
              aria-label={t('pool.which')} value={pool.id} popupMatchSelectWidth={false} onChange={(id) => choose(id)}
              options={pools.map(({ id, name, total, enabled }) => ({ value: id, label: `${name}${enabled ? '' : t('pool.off')} · ${format.total(total)}` }))}
            />
            <span className="grow" />
            <Limits pool={pool} />
          </div>
          <PoolQueue key={pool.id} pool={pool} />
        </>
      )}
    </div>
  );
}
