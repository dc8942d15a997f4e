import { Button, Progress } from 'antd';
import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, urlOf } from '@/api/client';
import { refreshRecords } from '@/api/records';
import type { Entity } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { importKeys, type ImportJob, type ImportPreview } from './imports';

function Figures({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <dl className="import-figures">
      {(['created', 'merged', 'refused', 'skipped'] as const).map((name) => (
        <div key={name}>
          <dt className="t3 small-text">{t(`import.${name}`)}</dt>
          <dd className={`figure ${name === 'refused' && job.refused > 0 ? 'bad' : ''}`}>{format.count(job[name])}</dd>
        </div>
      ))}
      {job.remarked > 0 && <div><dt className="t3 small-text">{t('import.remarked')}</dt><dd className="figure warn">{format.count(job.remarked)}</dd></div>}
    </dl>
  );
}

function Running({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: preview } = useQuery<ImportPreview>({ queryKey: importKeys.preview(job.id), queryFn: skipToken });
  const total = preview?.counts.rows;
  return (
    <>
      <h2>{total ? t('import.running_of', { rows: format.count(total) }) : t('import.running')}</h2>
      {total && <Progress aria-label={t('import.running')} percent={Math.min(100, Math.floor((job.done / total) * 100))} />}
      <p className="t2">{t('import.done_rows', { rows: format.count(job.done) })}</p>
      <p className="t3 dense">{t('import.may_leave')}</p>
    </>
  );
}

/** While it runs, and what came of it. */
export function Outcome({ job, entity }: { job: ImportJob; entity: Entity }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const undo = useMutation({
    mutationFn: () => api.post<ImportJob>(`/imports/${job.id}/undo`),
    onSuccess: async (undone) => {
      client.setQueryData(importKeys.one(job.id), undone);
      await Promise.all([client.invalidateQueries({ queryKey: importKeys.all }), refreshRecords(client, entity.plural)]);
    },
  });
  const resume = useMutation({
    mutationFn: () => api.post<ImportJob>(`/imports/${job.id}/start`),
    onSuccess: () => client.invalidateQueries({ queryKey: importKeys.all }),
  });
  const ended = job.state === 'done' || job.state === 'failed';
  return (
    <section className="import-part">
      {job.state === 'running' && <Running job={job} />}
      {ended && <p className="answer">{t(job.state === 'done' ? 'import.ended' : 'import.broke', { rows: format.count(job.created + job.merged), entity: entity.label_plural })}</p>}
      {job.state === 'failed' && job.failure && <p className="bad">{t('import.broke_for', { reason: job.failure })}</p>}
      {job.state === 'undone' && <p className="answer">{t('import.was_undone')}</p>}
      <Figures job={job} />
      {(undo.error ?? resume.error) && <ErrorNotice error={(undo.error ?? resume.error) as Error} />}
      <div className="row wrap">
        {job.state === 'failed' && <Button type="primary" loading={resume.isPending} onClick={() => resume.mutate()}>{t('import.resume')}</Button>}
        {ended && <Link className={job.state === 'failed' ? 'button' : 'button primary'} to={`/${entity.plural}`}>{t('import.open_list', { entity: entity.label_plural })}</Link>}
        {ended && job.refused > 0 && (
          <a className="button" href={urlOf(`/imports/${job.id}/errors.csv`)} download><Icon name="download" size={14} />&nbsp;{t('import.errors', { count: job.refused })}</a>
        )}
        {ended && job.remarked > 0 && (
          <a className="button" href={urlOf(`/imports/${job.id}/remarks.csv`)} download><Icon name="download" size={14} />&nbsp;{t('import.remarks', { count: job.remarked })}</a>
        )}
        {ended && <Button loading={undo.isPending} onClick={() => undo.mutate()}>{t('import.undo')}</Button>}
        <Link className="quiet-button" to={`/imports?entity=${entity.name}`}>{t('import.another')}</Link>
      </div>
    </section>
  );
}
