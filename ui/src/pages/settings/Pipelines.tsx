import { useState } from 'react';
import { Button, Dropdown, Input } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { patchRecord, refreshRecords, useAllRecords } from '@/api/records';
import type { Entity, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { nameIn } from '@/field/references';
import { Dialog } from '@/part/Dialog';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { SkeletonRows } from '@/part/Skeleton';
import { SettingDrawer } from './SettingDrawer';
import { Stages } from './Stages';
import './pipelines.css';

/** A pipeline begins as a copy of another, for without stages no deal could enter it. */
function CopyDialog({ entity, from, onDone, onClose }: { entity: Entity; from: RecordRow; onDone: (id: string) => void; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [english, setEnglish] = useState('');
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => api.post<RecordRow>(`/pipelines/${from.id}/copy`, { name: name.trim(), ...(english.trim() ? { name_en: english.trim() } : {}) }),
    onSuccess: async (made) => {
      await Promise.all([refreshRecords(client, 'pipelines'), refreshRecords(client, 'stages')]);
      onDone(made.id);
    },
  });
  const label = (field: string) => entity.fields.find((candidate) => candidate.name === field)?.label;
  return (
    <Dialog
      width={420} title={t('pipelines.new')} onCancel={onClose} okText={t('frame.create_one', { entity: entity.label })} cancelText={t('action.cancel')}
      okButtonProps={{ disabled: name.trim() === '', loading: isPending }} onOk={() => mutate()}
    >
      <div className="rule-form">
        {error && <ErrorNotice error={error} />}
        <p className="t2 dense">{t('pipelines.new_hint', { name: nameIn(from, i18n.language) })}</p>
        <label><span className="small-text t2">{label('name')}</span><Input autoFocus maxLength={60} value={name} onChange={(event) => setName(event.target.value)} /></label>
        <label><span className="small-text t2">{label('name_en')}</span><Input maxLength={60} value={english} onChange={(event) => setEnglish(event.target.value)} /></label>
      </div>
    </Dialog>
  );
}

function usePipelineVerbs(pipeline: RecordRow | undefined, onGone: () => void) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const refresh = () => refreshRecords(client, 'pipelines');
  const failed = (error: unknown) => message.error(errorText(error));
  const standard = useMutation({
    mutationFn: (one: RecordRow) => patchRecord('pipelines', one.id, one.version, { standard: true }),
    onError: failed, onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: (one: RecordRow) => api.delete(`/pipelines/${one.id}`, { version: one.version }),
    onSuccess: (_, one) => {
      onGone();
      offerUndo(t('settings.removed', { name: nameIn(one, i18n.language) }), async () => { await api.post(`/pipelines/${one.id}/restore`); await refresh(); });
    },
    onError: failed, onSettled: refresh,
  });
  return { standard: () => pipeline && standard.mutate(pipeline), remove: () => pipeline && remove.mutate(pipeline) };
}

/** The company's pipelines, each with its stages as deals pass them. */
export function Pipelines({ entity }: { entity: Entity }) {
  const { t, i18n } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const [editing, setEditing] = useState(false);
  const [copying, setCopying] = useState(false);
  const stage = useModel().named('stage');
  const { data, error, refetch } = useAllRecords('pipelines', { sort: 'name' });
  const pipelines = data?.data ?? [];
  const chosen = pipelines.find(({ id }) => id === search.get('pipeline')) ?? pipelines.find(({ standard }) => standard === true) ?? pipelines[0];
  const verbs = usePipelineVerbs(chosen, () => setSearch({}));
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows />;
  const items = [
    { key: 'edit', label: t('pipelines.rename'), onClick: () => setEditing(true) },
    ...(chosen?.standard === true ? [] : [{ key: 'standard', label: t('pipelines.make_standard'), onClick: verbs.standard }]),
    ...(entity.actions.delete ? [{ key: 'delete', label: t('action.delete'), danger: true, onClick: verbs.remove }] : []),
  ];
  return (
    <>
      <div className="row wrap">
        <div className="tabs pipeline-tabs" role="group" aria-label={entity.label_plural}>
          {pipelines.map((one) => (
            <button key={one.id} type="button" className={one === chosen ? 'on' : ''} aria-pressed={one === chosen} onClick={() => setSearch({ pipeline: one.id })}>
              {nameIn(one, i18n.language)}{one.standard === true && <span className="t3 small-text"> {t('pipelines.standard')}</span>}
            </button>
          ))}
        </div>
        <span className="grow" />
        {entity.actions.create && chosen && <Button onClick={() => setCopying(true)}>{t('pipelines.new')}</Button>}
        {entity.actions.update && chosen && (
          <Dropdown trigger={['click']} menu={{ items }} placement="bottomRight">
            <button type="button" className="icon-button" aria-label={t('frame.more')}><Icon name="more" /></button>
          </Dropdown>
        )}
      </div>
      {chosen && stage && <Stages key={chosen.id} entity={stage} pipeline={chosen} />}
      {chosen && editing && <SettingDrawer entity={entity} record={chosen} onClose={() => setEditing(false)} />}
      {chosen && copying && <CopyDialog entity={entity} from={chosen} onClose={() => setCopying(false)} onDone={(id) => { setCopying(false); setSearch({ pipeline: id }); }} />}
    </>
  );
}
