import { useState } from 'react';
import { Button, Input, Segmented, Select } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { useModel } from '@/api/meta';
import { patchRecord, refreshRecords, useRecord } from '@/api/records';
import type { Condition, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { ConditionText } from '@/condition/describe';
import { draftOf } from '@/condition/draft';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { linkTo } from '@/condition/where';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { NotThere } from '@/part/Refusal';
import { SkeletonLines } from '@/part/Skeleton';
import { Unsaved } from '@/part/Unsaved';
import { useLost } from '@/tag/lost';
import { carriers } from '@/tag/tags';
import { LiveCount } from './LiveCount';
import { SizeChart } from './SizeChart';
import { WhyPanel } from './WhyPanel';
import { useSegmentTotals, type SegmentRow } from './segments';

interface Draft {
  name: string;
  description: string;
  entity_name: string;
  kind: 'live' | 'static';
  condition: Condition | null;
}

function draftFrom(segment: SegmentRow | null): Draft {
  return {
    name: segment?.name ?? '', description: segment?.description ?? '', entity_name: segment?.entity_name ?? 'person',
    kind: segment?.kind ?? 'live', condition: segment?.condition ?? null,
  };
}

function useSave(segment: SegmentRow | null, draft: Draft) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => {
      const { entity_name, kind, ...rest } = draft;
      const body = { ...rest, description: draft.description || null, condition: kind === 'live' ? draft.condition : null };
      return segment ? patchRecord('segments', segment.id, segment.version, body) : api.post<RecordRow>('/segments', { ...body, entity_name, kind });
    },
    onSuccess: async (saved) => {
      await Promise.all([refreshRecords(client, 'segments'), client.invalidateQueries({ queryKey: ['segments'] })]);
      if (!segment) void navigate(`/segments/${saved.id}`, { replace: true });
    },
  });
}

function useRemove(segment: SegmentRow | null) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  return useMutation({
    mutationFn: (row: SegmentRow) => api.delete(`/segments/${row.id}`, { version: row.version }),
    onError: (failure) => message.error(errorText(failure)),
    onSuccess: async () => {
      offerUndo(t('settings.removed', { name: segment?.name ?? '' }), async () => { await api.post(`/segments/${segment?.id ?? ''}/restore`); await refreshRecords(client, 'segments'); });
      await refreshRecords(client, 'segments');
      void navigate('/segments', { replace: true });
    },
  });
}

interface FormProps {
  draft: Draft;
  isNew: boolean;
  onChange: (change: Partial<Draft>) => void;
}

/** Of whom, live or a list, and the condition. */
function SegmentForm({ draft, isNew, onChange }: FormProps) {
  const { t } = useTranslation();
  const model = useModel();
  const entity = model.named(draft.entity_name);
  const options = carriers.flatMap((name) => { const one = model.named(name); return one ? [{ value: name, label: one.label }] : []; });
  return (
    <div className="segment-form">
      <label><span className="small-text t2">{t('segment.name')}</span><Input value={draft.name} maxLength={60} autoFocus={isNew} onChange={(event) => onChange({ name: event.target.value })} /></label>
      <label><span className="small-text t2">{t('segment.description')}</span><Input value={draft.description} maxLength={200} onChange={(event) => onChange({ description: event.target.value })} /></label>
      {isNew && (
        <div className="row wrap">
          <Select aria-label={t('segment.of')} value={draft.entity_name} options={options} onChange={(entity_name) => onChange({ entity_name, condition: null })} />
          <Segmented aria-label={t('segment.kind')} value={draft.kind} onChange={(kind) => onChange({ kind })} options={(['live', 'static'] as const).map((value) => ({ value, label: t(`segment.kind_${value}`) }))} />
        </div>
      )}
      {draft.kind === 'live' && entity
        ? <ConditionEditor key={draft.entity_name} entity={entity} value={draft.condition} onChange={(condition) => onChange({ condition })} />
        : <p className="t2">{t('segment.static_hint')}</p>}
    </div>
  );
}

/** To be read only. */
function SegmentFacts({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const entity = useModel().named(draft.entity_name);
  return (
    <div className="segment-form">
      {draft.description && <p>{draft.description}</p>}
      <p className="t2">{entity?.label} · {t(`segment.kind_${draft.kind}`)}</p>
      <p>{draft.condition && entity ? <ConditionText entity={entity} node={draftOf(draft.condition)} /> : t('segment.by_hand')}</p>
    </div>
  );
}

function SegmentBody({ segment }: { segment: SegmentRow | null }) {
  const { t } = useTranslation();
  const model = useModel();
  const [draft, setDraft] = useState(() => draftFrom(segment));
  const [saved, setSaved] = useState(() => JSON.stringify(draftFrom(segment)));
  const save = useSave(segment, draft);
  const remove = useRemove(segment);
  const entity = model.named(draft.entity_name);
  const lost = useLost().get(segment?.id ?? '');
  const sized = useSegmentTotals().data?.find(({ id }) => id === segment?.id)?.sized;
  const may = model.named('segment')?.actions;
  const changed = JSON.stringify(draft) !== saved;
  const ready = draft.name.trim() !== '' && (draft.kind === 'static' || draft.condition !== null);
  const mayWrite = segment ? may?.update : may?.create;
  return (
    <>
      <Unsaved when={changed} />
      <header className="page-head">
        <Link to="/segments" className="quiet-button small" aria-label={t('segment.title')}><Icon name="left" size={16} /></Link>
        <h1 className="ellipsis">{segment?.name ?? t('segment.new')}</h1>
        <span className="grow" />
        {segment && entity && <Link className="quiet-button" to={linkTo(entity.plural, { segment: segment.id })}>{t('segment.members')}</Link>}
        {segment && may?.delete && <button type="button" className="quiet-button bad" onClick={() => remove.mutate(segment)}>{t('action.delete')}</button>}
        {mayWrite && <Button type="primary" disabled={!ready || !changed} loading={save.isPending} onClick={() => save.mutate(undefined, { onSuccess: () => setSaved(JSON.stringify(draft)) })}>{t('action.save')}</Button>}
      </header>
      <div className="segment-columns">
        <section>
          {save.error && <ErrorNotice error={save.error} />}
          {lost && <p className="notice warn" role="status">{t('segment.lost', { why: lost })}</p>}
          {mayWrite ? <SegmentForm draft={draft} isNew={!segment} onChange={(change) => setDraft({ ...draft, ...change })} /> : <SegmentFacts draft={draft} />}
        </section>
        <aside aria-label={t('segment.live')}>
          {draft.kind === 'live' && entity && <LiveCount entity={entity} condition={draft.condition} />}
          {segment && sized && <SizeChart segment={segment} />}
          {segment && entity && !lost && <WhyPanel segment={segment} entity={entity} />}
        </aside>
      </div>
    </>
  );
}

/** One segment: its condition with a live count, its size over time, and why somebody is in it. */
export function SegmentPage() {
  const { id } = useParams();
  const { t } = useTranslation();
  const { data, error, refetch } = useRecord('segments', id);
  if (error instanceof ApiError && error.status === 404) return <NotThere list={{ to: '/segments', label: t('segment.title') }} />;
  return (
    <div className="page">
      {error && <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>}
      {id && !data && !error && <div className="pad-page"><SkeletonLines count={8} /></div>}
      {(!id || data) && <SegmentBody key={id ?? 'new'} segment={(data as SegmentRow | undefined) ?? null} />}
    </div>
  );
}
