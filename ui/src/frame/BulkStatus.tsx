import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import { dismissBulk, stopBulk, useBulkRuns, type BulkRun } from '@/app/bulkRuns';
import { useFormat } from '@/format/useFormat';
import { IconButton } from '@/part/IconButton';
import { ProgressBar } from '@/part/ProgressBar';

/** Records the server does in one call; less is done before one can look. */
const oneCall = 500;

/** Shown while it takes a while, and at the end when not all went well. */
export function isShown({ state, progress }: BulkRun): boolean {
  return progress.total > oneCall || (state !== 'running' && progress.failed.length > 0);
}

function BulkLine({ run }: { run: BulkRun }) {
  const { t } = useTranslation();
  const format = useFormat();
  const entity = useModel().named(run.entity);
  const { progress: { total, done, changed, failed }, state } = run;
  const what = t(run.undoing ? 'bulk.undo_of' : 'bulk.of', { action: t(`bulk.action_${run.action as 'update'}`), entity: entity?.label ?? '' });
  const running = state === 'running';
  return (
    <div className="bulk-status" role="status">
      <span className="row">
        <b className="ellipsis grow">{what}</b>
        {run.id && <Link to={`/bulk/${run.id}`}>{t(running ? 'bulk.look' : 'bulk.result')}</Link>}
        {running
          ? <button type="button" className="link" onClick={() => stopBulk(run.key)}>{t('bulk.stop')}</button>
          : <IconButton small icon="close" label={t('action.close')} onClick={() => dismissBulk(run.key)} />}
      </span>
      {running && <ProgressBar done={done} total={total} label={what} />}
      <span className="t2 dense">
        {running && t('bulk.progress', { done: format.count(done), total: format.count(total) })}
        {state === 'failed' && t('bulk.broken', { done: format.count(done), total: format.count(total) })}
        {(state === 'done' || state === 'stopped') && t('bulk.came_to', { changed: format.count(changed) })}
        {failed.length > 0 && <span className="bad">{t('bulk.comma')}{t('bulk.left', { count: failed.length, figure: format.count(failed.length) })}</span>}
        {state === 'stopped' && <>{t('bulk.comma')}{t('bulk.not_done', { count: total - done, figure: format.count(total - done) })}</>}
      </span>
    </div>
  );
}

/** What goes on for many records, wherever the reader is. */
export function BulkStatus() {
  const runs = useBulkRuns().filter(isShown);
  return runs.length > 0 ? <div className="bulk-runs">{runs.map((run) => <BulkLine key={run.key} run={run} />)}</div> : null;
}
