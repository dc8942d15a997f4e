import { useState, type DragEvent } from 'react';
import { Button, Select } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { Entity } from '@/api/types';
import { isWorked } from '@/app/clouds';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { Forbidden } from '@/part/Refusal';
import { TableScroll } from '@/part/TableScroll';
import { upload, useImports, type ImportJob, type ImportState } from './imports';

/** Of what is set up: that of which a company has a list already. */
const listed = new Set(['product', 'user', 'department', 'team']);

const tones: Record<ImportState, string> = { uploaded: 'idle', running: 'info', done: 'ok', failed: 'bad', undoing: 'info', undone: 'idle' };

export function StatePill({ state }: { state: ImportState }) {
  const { t } = useTranslation();
  return <span className={`pill ${tones[state]}`}>{t(`import.state_${state}`)}</span>;
}

/** Drop a file or choose one; it is read at once. */
function DropZone({ entity, onFile, busy }: { entity: Entity | undefined; onFile: (file: File) => void; busy: boolean }) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file && entity) onFile(file);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <label
      className={`drop-zone ${over ? 'over' : ''}`} onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)} onDrop={drop}
    >
      <input
        type="file" className="visually-hidden" accept=".csv,.tsv,.txt,.xlsx" disabled={!entity || busy}
        onChange={(event) => { take(event.target.files); event.target.value = ''; }}
      />
      <Icon name="upload" size={20} />
      <b>{busy ? t('import.reading') : t('import.drop')}</b>
      <span className="t2 dense">{t('import.drop_hint')}</span>
    </label>
  );
}

function ImportRow({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const format = useFormat();
  const entity = useModel().named(job.entity);
  return (
    <tr>
      <td><Link to={`/imports/${job.id}`}>{job.file_name || t('import.unnamed')}</Link></td>
      <td>{entity?.label_plural ?? job.entity}</td>
      <td><StatePill state={job.state} /></td>
      <td className="num">{format.count(job.created)}</td>
      <td className="num">{format.count(job.merged)}</td>
      <td className={`num ${job.refused > 0 ? 'bad' : ''}`}>{format.count(job.refused)}</td>
    </tr>
  );
}

function EarlierImports() {
  const { t } = useTranslation();
  const { data, error, refetch } = useImports();
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data || data.data.length === 0) return null;
  return (
    <section className="import-part">
      <h2>{t('import.earlier')}</h2>
      <TableScroll label={t('import.earlier')}>
        <table className="plain-table">
          <thead>
            <tr>
              <th>{t('import.file')}</th><th>{t('import.type')}</th><th>{t('import.state')}</th>
              <th className="num">{t('import.created')}</th><th className="num">{t('import.merged')}</th><th className="num">{t('import.refused')}</th>
            </tr>
          </thead>
          <tbody>{data.data.map((job) => <ImportRow key={job.id} job={job} />)}</tbody>
        </table>
      </TableScroll>
    </section>
  );
}

export function ImportStart() {
  const { t } = useTranslation();
  const model = useModel();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchParams();
  const entities = model.entities.filter((entity) => entity.actions.import && (isWorked(entity) || listed.has(entity.name)));
  const entity = entities.find(({ name }) => name === (search.get('entity') ?? 'lead')) ?? entities[0];
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (file: File) => upload(client, entity!, file),
    onSuccess: ({ id }) => void navigate(`/imports/${id}`),
  });
  if (!entity) return <Forbidden />;
  return (
    <div className="page">
      <header className="page-head"><h1>{t('import.title')}</h1></header>
      <div className="import-body">
        <p className="t2">{t('import.lead')}</p>
        <div className="row wrap">
          <span id="import-type" className="t2">{t('import.into')}</span>
          <Select
            aria-labelledby="import-type" value={entity?.name} popupMatchSelectWidth={false} className="import-type"
            options={entities.map(({ name, label_plural }) => ({ value: name, label: label_plural }))}
            onChange={(name) => setSearch({ entity: name }, { replace: true })}
          />
        </div>
        <DropZone entity={entity} busy={isPending} onFile={(file) => mutate(file)} />
        {error && <><ErrorNotice error={error} /><Button type="text" onClick={reset}>{t('action.close')}</Button></>}
        <EarlierImports />
      </div>
    </div>
  );
}
