import { Button } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { Link, Route, Routes, useParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { recordPath, useModel } from '@/api/meta';
import type { Entity } from '@/api/types';
import { stopBulk, useBulkRuns } from '@/app/bulkRuns';
import { setHeld } from '@/app/held';
import { useBulk, type BulkAction } from '@/app/useBulk';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { ProgressBar } from '@/part/ProgressBar';
import { SkeletonLines, SkeletonRows } from '@/part/Skeleton';
import './bulk.css';

interface Verdict {
  id: string;
  title: string;
  code: string;
  message: string;
  undoing: boolean;
}

interface BulkDetail {
  id: string;
  at: string;
  entity: string;
  action: BulkAction;
  total: number;
  remaining: number;
  changed: number;
  undone: number;
  kept: number;
  failed: number;
  held: number;
  asked: number;
  verdicts: Verdict[];
}

type BulkLine = Pick<BulkDetail, 'id' | 'at' | 'entity' | 'action' | 'total'> & { unfinished: boolean };

const shownVerdicts = 200;

function useWhat(): (one: Pick<BulkDetail, 'entity' | 'action'>) => string {
  const { t } = useTranslation();
  const model = useModel();
  return ({ entity, action }) => t('bulk.of', { action: t(`bulk.action_${action}`), entity: model.named(entity)?.label ?? entity });
}

function VerdictTable({ entity, verdicts }: { entity: Entity | undefined; verdicts: Verdict[] }) {
  const { t } = useTranslation();
  return (
    <table className="plain-table bulk-verdicts">
      <thead><tr><th>{t('bulk.record')}</th><th>{t('bulk.why')}</th></tr></thead>
      <tbody>
        {verdicts.map(({ id, title, message, undoing }) => (
          <tr key={id}>
            <td>{entity && title ? <Link to={recordPath(entity, id)}>{title}</Link> : <span className="t3">#{id.slice(-6)}</span>}</td>
            <td>{undoing && <>{t('bulk.when_undoing')} </>}{message}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Verbs({ detail, entity }: { detail: BulkDetail; entity: Entity }) {
  const { t } = useTranslation();
  const { goOn, undo } = useBulk();
  const run = useBulkRuns().find(({ id, state }) => id === detail.id && state === 'running');
  if (run) return <Button onClick={() => stopBulk(run.key)}>{t('bulk.stop')}</Button>;
  return (
    <>
      {detail.changed + detail.asked > 0 && <Button onClick={() => void undo(entity, detail.action, detail.id)}>{t('bulk.undo')}</Button>}
      {detail.held > 0 && <Button onClick={() => setHeld({ plural: entity.plural, title: entity.label, process: detail.verdicts.find(({ code }) => code === 'approval.needed')?.message ?? '', bulk: { id: detail.id, count: detail.held } })}>{t('bulk.ask')}</Button>}
      {detail.remaining > 0 && <Button type="primary" onClick={() => void goOn(entity, detail.action, detail.id)}>{t('bulk.go_on')}</Button>}
    </>
  );
}

function Figures({ detail }: { detail: BulkDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const figures = [
    ['bulk.figure_total', detail.total], ['bulk.figure_changed', detail.changed], ['bulk.figure_failed', detail.failed],
    ['bulk.figure_held', detail.held], ['bulk.figure_asked', detail.asked],
    ['bulk.figure_remaining', detail.remaining], ['bulk.figure_undone', detail.undone], ['bulk.figure_kept', detail.kept],
  ] as const;
  return (
    <dl className="bulk-figures">
      {figures.filter(([code, value]) => value > 0 || code === 'bulk.figure_total' || code === 'bulk.figure_changed').map(([code, value]) => (
        <div key={code}><dt className="t3 small-text">{t(code)}</dt><dd className="figure">{format.count(value)}</dd></div>
      ))}
    </dl>
  );
}

/** What one bulk change came to, and what can still be done with it. */
function Detail() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const format = useFormat();
  const model = useModel();
  const what = useWhat();
  const running = useBulkRuns().some((run) => run.id === id && run.state === 'running');
  const { data, error, refetch } = useQuery({ queryKey: ['bulk', id], queryFn: () => api.get<BulkDetail>(`/bulk/${id}`), refetchInterval: running ? 1000 : false });
  const entity = model.named(data?.entity);
  const left = data ? data.failed + data.kept + data.held : 0;
  return (
    <div className="page">
      <header className="page-head">
        <Link to="/bulk" className="t2">{t('bulk.title')}</Link><span className="t3">/</span>
        <h1 className="ellipsis">{data ? what(data) : ''}</h1>
        {data && <span className="t2 nowrap">{format.near(data.at)}</span>}
        <span className="grow" />
        {data && entity && <Verbs detail={data} entity={entity} />}
      </header>
      <div className="bulk-page">
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonLines />}
        {data && <Figures detail={data} />}
        {data && data.remaining > 0 && (
          <>
            <ProgressBar done={data.total - data.remaining} total={data.total} label={what(data)} />
            <p className="t2">{t(running ? 'bulk.may_leave' : 'bulk.paused')}</p>
          </>
        )}
        {data && left > 0 && (
          <>
            <h2>{t('bulk.left_alone')}</h2>
            {left > shownVerdicts && <p className="t2">{t('bulk.first_shown', { count: shownVerdicts })}</p>}
            <VerdictTable entity={entity} verdicts={data.verdicts} />
          </>
        )}
        {data && left === 0 && data.remaining === 0 && <p className="t2">{t('bulk.all_well')}</p>}
      </div>
    </div>
  );
}

/** One's own bulk changes of the last day. */
function Index() {
  const { t } = useTranslation();
  const format = useFormat();
  const what = useWhat();
  const { data, error, refetch } = useQuery({ queryKey: ['bulk'], queryFn: async () => (await api.get<{ data: BulkLine[] }>('/bulk')).data });
  return (
    <div className="page">
      <header className="page-head"><h1>{t('bulk.title')}</h1></header>
      <div className="bulk-page">
        <p className="t2">{t('bulk.hint')}</p>
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonRows count={4} />}
        {data?.length === 0 && <Empty title={t('bulk.none')} hint={t('bulk.none_hint')} />}
        <ul className="bulk-list">
          {data?.map((one) => (
            <li key={one.id} className="row">
              <Link className="grow" to={`/bulk/${one.id}`}>{what(one)}</Link>
              {one.unfinished && <span className="pill warn">{t('bulk.unfinished')}</span>}
              <span className="t2 nowrap">{t('list.total', { count: one.total, figure: format.count(one.total) })}</span>
              <span className="t2 nowrap">{format.near(one.at)}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

export default function BulkPages() {
  return (
    <Routes>
      <Route index element={<Index />} />
      <Route path=":id" element={<Detail />} />
    </Routes>
  );
}
