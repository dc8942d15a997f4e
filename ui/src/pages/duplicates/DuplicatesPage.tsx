import { useEffect, useState } from 'react';
import { Button, Popconfirm } from 'antd';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { useModel } from '@/api/meta';
import type { Entity } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Forbidden } from '@/part/Refusal';
import { SkeletonRows } from '@/part/Skeleton';
import { PairQueue } from './PairQueue';
import { states, type KindSummary, type LastSearch, type SearchResult, type State } from './pairs';
import { useSearchRun, useSummary, useSure } from './usePairs';
import './duplicates.css';

function addressOf(entity: string, state: State): string {
  return `/duplicates?${new URLSearchParams({ entity, state })}`;
}

/** The time since an instant, counted every second. */
function Elapsed({ since }: { since: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <>{t('duplicates.searching', { time: format.duration(Math.max(0, now - since) / 1000) })}</>;
}

function ResultWords({ result }: { result: SearchResult }) {
  const { t } = useTranslation();
  const format = useFormat();
  const figures = {
    records: format.count(result.records), compared: format.count(result.compared), found: format.count(result.found), fresh: format.count(result.new),
  };
  return (
    <>
      {t(result.found > 0 ? 'duplicates.result' : 'duplicates.result_none', figures)}
      {result.found > result.kept && ` ${t('duplicates.result_cut', { kept: format.count(result.kept) })}`}
      {result.skipped > 0 && ` ${t('duplicates.result_skipped', { figure: format.count(result.skipped) })}`}
    </>
  );
}

/** What the search does or has just found; that records were left out is said as long as it is so. */
function SearchLine({ run, last }: { run: ReturnType<typeof useSearchRun>; last: LastSearch | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { latest, start } = run;
  const incomplete = last && !last.complete;
  return (
    <div role="status" className="duplicates-said">
      {latest?.status === 'pending' && <p><Elapsed since={latest.since} /></p>}
      {latest?.status === 'success' && latest.data && <p><ResultWords result={latest.data} /></p>}
      {incomplete && <p className="warn">{t('duplicates.newest_only', { figure: format.count(last.records) })}</p>}
      {latest?.status === 'error' && <ErrorNotice error={latest.error} onRetry={start} />}
    </div>
  );
}

/** The pairs nobody need look at one by one. */
function SureLine({ entity, count }: { entity: Entity; count: number }) {
  const { t } = useTranslation();
  const sure = useSure(entity);
  if (count === 0 && !sure.error) return null;
  return (
    <div className="duplicates-said duplicates-sure">
      {sure.error && <ErrorNotice error={sure.error} onRetry={() => sure.mutate()} />}
      <span className="grow">{t('duplicates.sure', { count })}</span>
      <Popconfirm title={t('duplicates.sure_ask', { count })} description={t('duplicates.sure_hint')} okText={t('duplicates.merge')} onConfirm={() => sure.mutate()}>
        <Button loading={sure.isPending}>{t('duplicates.sure_merge', { count })}</Button>
      </Popconfirm>
    </div>
  );
}

interface KindProps {
  kinds: { entity: Entity; summary: KindSummary }[];
  entity: Entity;
  summary: KindSummary;
  state: State;
}

function Kind({ kinds, entity, summary, state }: KindProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const run = useSearchRun(entity.name);
  const { search } = summary;
  const searching = run.latest?.status === 'pending';
  const any = search !== null || states.some((name) => summary[name] > 0);
  const look = summary.searched && (
    <Button type={any ? 'default' : 'primary'} loading={searching} onClick={run.start}>{t('duplicates.search')}</Button>
  );
  return (
    <>
      <header className="page-head">
        <h1>{t('duplicates.title')}</h1>
        <span className="grow" />
        {search && <span className="t2 dense duplicates-last" title={format.instant(search.at)}>{t('duplicates.searched', { when: format.near(search.at), figure: format.count(search.records) })}</span>}
        {any && look}
      </header>
      <div className="duplicates-bar">
        <nav className="tabs" aria-label={t('duplicates.kinds')}>
          {kinds.map((kind) => (
            <Link
              key={kind.entity.name} to={addressOf(kind.entity.name, state)} className={kind.entity === entity ? 'on' : undefined}
              aria-current={kind.entity === entity ? 'page' : undefined}
            >
              {kind.entity.label_plural}<span className="n">{format.count(kind.summary.open)}</span>
            </Link>
          ))}
        </nav>
        <nav className="segments" aria-label={t('duplicates.states')}>
          {states.map((name) => (
            <Link key={name} to={addressOf(entity.name, name)} className={name === state ? 'on' : undefined} aria-current={name === state ? 'page' : undefined}>
              {t(`duplicates.state_${name}`)}<span className="n">{format.count(summary[name])}</span>
            </Link>
          ))}
        </nav>
      </div>
      <SearchLine run={run} last={search} />
      {state === 'open' && <SureLine entity={entity} count={summary.sure} />}
      {any
        ? <PairQueue key={`${entity.name} ${state}`} entity={entity} state={state} total={summary[state]} searched={summary.searched} />
        : <Empty title={t('duplicates.empty_never')} hint={t('duplicates.empty_never_hint')}>{look}</Empty>}
    </>
  );
}

/** Pairs of records that may be one, for a person to decide. */
export default function DuplicatesPage() {
  const { t } = useTranslation();
  const model = useModel();
  const [search] = useSearchParams();
  const { data, error, refetch } = useSummary();
  const kinds = (data ?? []).flatMap((summary) => {
    const entity = model.named(summary.entity);
    const shown = summary.searched || states.some((state) => summary[state] > 0);
    return entity && shown ? [{ entity, summary }] : [];
  });
  const kind = kinds.find(({ entity }) => entity.name === search.get('entity')) ?? kinds[0];
  const state = states.find((name) => name === search.get('state')) ?? 'open';
  if (error instanceof ApiError && error.status === 403) return <Forbidden />;
  return (
    <div className="page">
      {kind ? <Kind kinds={kinds} {...kind} state={state} /> : (
        <>
          <header className="page-head"><h1>{t('duplicates.title')}</h1></header>
          {error ? <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div> : <SkeletonRows count={12} />}
        </>
      )}
    </div>
  );
}
