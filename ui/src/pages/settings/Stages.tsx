import { useState } from 'react';
import { Button, Select } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, useModel } from '@/api/meta';
import { refreshRecords, useAllRecords, useTotal } from '@/api/records';
import type { Condition, Entity, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { linkTo } from '@/condition/where';
import { Pill } from '@/field/FieldValue';
import { nameIn } from '@/field/references';
import { useFormat } from '@/format/useFormat';
import { Dialog } from '@/part/Dialog';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { Sorted } from '@/part/Sorted';
import { movedTo } from './automation';
import { SettingDrawer } from './SettingDrawer';

const dealsAt = (stage: RecordRow): Condition => ({ field: 'stage_id', op: 'eq', value: stage.id });

/** Where the deals of a stage go that is no more. */
function RetireDialog({ stage, others, pending, onRetire, onClose }: { stage: RecordRow; others: RecordRow[]; pending: boolean; onRetire: (to: string) => void; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const { data: deals } = useTotal('opportunities', { where: dealsAt(stage) }, true);
  const [to, setTo] = useState(others[0]?.id);
  return (
    <Dialog
      width={420} title={t('pipelines.retire_one', { stage: nameIn(stage, i18n.language) })} onCancel={onClose}
      okText={t('pipelines.retire')} cancelText={t('action.cancel')} okButtonProps={{ disabled: !to, loading: pending }} onOk={() => to && onRetire(to)}
    >
      <div className="rule-form">
        {others.length === 0 ? <p className="warn">{t('pipelines.retire_last')}</p> : (
          <>
            <p className="dense t2">{t('pipelines.retire_hint', { count: deals?.value ?? 0, deals: format.count(deals?.value ?? 0) })}</p>
            <Select aria-label={t('pipelines.retire_to')} className="full-width" value={to} onChange={setTo} options={others.map((other) => ({ value: other.id, label: nameIn(other, i18n.language) }))} />
          </>
        )}
      </div>
    </Dialog>
  );
}

interface LineProps {
  entity: Entity;
  stage: RecordRow;
  index: number;
  count: number;
  onEdit: () => void;
  onMove: (to: number) => void;
  onRetire: () => void;
}

/** What the stage asks and means, in one line. */
function About({ entity, stage }: { entity: Entity; stage: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const deal = useModel().named('opportunity');
  const step = fieldOf(entity, 'funnel_step')?.options?.find(({ code }) => code === stage.funnel_step);
  const required = (Array.isArray(stage.required_fields) ? stage.required_fields as string[] : []).map((name) => (deal && fieldOf(deal, name)?.label) ?? name);
  const parts = [
    typeof stage.probability === 'string' && t('pipelines.chance', { rate: format.percent(stage.probability) }),
    step && t('pipelines.step', { step: step.label }),
    typeof stage.usual_days === 'number' && stage.usual_days > 0 && t('pipelines.days', { count: stage.usual_days }),
    required.length > 0 && t('pipelines.requires', { fields: required.join(t('condition.comma')) }),
  ];
  return <>{parts.filter(Boolean).join(' · ')}</>;
}

function StageLine({ entity, stage, index, count, onEdit, onMove, onRetire }: LineProps) {
  const { t, i18n } = useTranslation();
  const name = nameIn(stage, i18n.language);
  const kind = fieldOf(entity, 'kind')?.options?.find(({ code }) => code === stage.kind);
  const going = stage.retired_to !== null && stage.retired_to !== undefined;
  return (
    <>
      <span className="stage-number t3">{index + 1}</span>
      <span className="grow stage-words">
        <button type="button" className="link strong" disabled={!entity.actions.update} onClick={onEdit}>{name}</button>{' '}
        {kind && <Pill option={kind} />}{going && <span className="pill warn">{t('pipelines.going')}</span>}<br />
        <span className="t2 dense"><About entity={entity} stage={stage} /></span>
      </span>
      <Link className="small-text nowrap" to={linkTo('opportunities', dealsAt(stage))}>{t('pipelines.deals')}</Link>
      {entity.actions.update && (
        <span className="row settings-verbs">
          <IconButton small icon="up" label={t('pipelines.up', { stage: name })} disabled={index === 0} onClick={() => onMove(index - 1)} />
          <IconButton small icon="down" label={t('pipelines.down', { stage: name })} disabled={index === count - 1} onClick={() => onMove(index + 1)} />
          <IconButton small icon="trash" label={t('pipelines.retire_one', { stage: name })} disabled={!entity.actions.delete || going} onClick={onRetire} />
        </span>
      )}
    </>
  );
}

/** Stages that were retired, with the way back. */
function Retired({ pipeline, onBack }: { pipeline: RecordRow; onBack: (stage: RecordRow) => void }) {
  const { t, i18n } = useTranslation();
  const where: Condition = { all: [{ field: 'pipeline_id', op: 'eq', value: pipeline.id }, { not: { field: 'retired_to', op: 'is_empty' } }] };
  const { data } = useAllRecords('stages', { where, deleted: true });
  if (!data || data.data.length === 0) return null;
  return (
    <section>
      <h2>{t('pipelines.retired')}</h2>
      <ul className="settings-rules">
        {data.data.map((stage) => (
          <li key={stage.id} className="row wrap">
            <span className="grow t2">{nameIn(stage, i18n.language)}{stage._refs?.retired_to && <> → {stage._refs.retired_to.title}</>}</span>
            <Button size="small" onClick={() => onBack(stage)}>{t('pipelines.bring_back')}</Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The stages of a pipeline: added, named, put in order by hand or keys, retired and brought back. */
export function Stages({ entity, pipeline }: { entity: Entity; pipeline: RecordRow }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [editing, setEditing] = useState<RecordRow | 'new' | null>(null);
  const [retiring, setRetiring] = useState<RecordRow | null>(null);
  const { data, error, refetch } = useAllRecords('stages', { where: { field: 'pipeline_id', op: 'eq', value: pipeline.id }, sort: 'position' });
  const refresh = () => Promise.all(['stages', 'opportunities'].map((plural) => refreshRecords(client, plural)));
  const failed = (failure: unknown) => message.error(errorText(failure));
  const arrange = useMutation({
    mutationFn: (order: RecordRow[]) => api.post(`/pipelines/${pipeline.id}/arrange`, { stages: order.map(({ id }) => id) }),
    onError: failed, onSettled: refresh,
  });
  const bringBack = useMutation({ mutationFn: (stage: RecordRow) => api.post(`/stages/${stage.id}/unretire`), onError: failed, onSettled: refresh });
  const retire = useMutation({
    mutationFn: ({ stage, to }: { stage: RecordRow; to: string }) => api.post(`/stages/${stage.id}/retire`, { to }),
    onSuccess: (_, { stage }) => {
      setRetiring(null);
      offerUndo(t('pipelines.was_retired', { stage: nameIn(stage, i18n.language) }), async () => { await api.post(`/stages/${stage.id}/unretire`); await refresh(); });
    },
    onError: failed, onSettled: refresh,
  });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows />;
  const stages = arrange.isPending && arrange.variables ? arrange.variables : data.data;
  const move = (from: number, to: number) => {
    if (from === to) return;
    const before = stages;
    arrange.mutate(movedTo(stages, from, to), {
      onSuccess: () => offerUndo(t('pipelines.reordered'), async () => { await arrange.mutateAsync(before); }),
    });
  };
  return (
    <>
      <Sorted items={stages} keyOf={({ id }) => id} nameOf={(stage) => nameIn(stage, i18n.language)} movable={entity.actions.update} onMove={move}>
        {(stage, index) => (
          <StageLine
            entity={entity} stage={stage} index={index} count={stages.length}
            onEdit={() => setEditing(stage)} onMove={(to) => move(index, to)} onRetire={() => setRetiring(stage)}
          />
        )}
      </Sorted>
      {entity.actions.create && <div><Button onClick={() => setEditing('new')}>{t('frame.create_one', { entity: entity.label })}</Button></div>}
      <Retired pipeline={pipeline} onBack={(stage) => bringBack.mutate(stage)} />
      {editing && (
        <SettingDrawer
          key={editing === 'new' ? 'new' : editing.id} entity={entity} record={editing === 'new' ? null : editing} onClose={() => setEditing(null)}
          fixed={{ pipeline_id: pipeline.id, position: Math.max(0, stages.findIndex(({ kind }) => kind !== 'open')) }}
        />
      )}
      {retiring && (
        <RetireDialog
          stage={retiring} pending={retire.isPending} onClose={() => setRetiring(null)} onRetire={(to) => retire.mutate({ stage: retiring, to })}
          others={stages.filter(({ id, kind, retired_to }) => id !== retiring.id && kind === retiring.kind && !retired_to)}
        />
      )}
    </>
  );
}
