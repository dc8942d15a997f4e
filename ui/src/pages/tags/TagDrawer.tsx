import { useState } from 'react';
import { Button, Input, InputNumber, Select, Switch } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, useModel } from '@/api/meta';
import { patchRecord, refreshRecords } from '@/api/records';
import type { Condition, RecordRow } from '@/api/types';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { carriers, dimensions, type Dimension, type TagRow } from '@/tag/tags';

interface Draft {
  name: string;
  dimension: Dimension;
  colour: string;
  description: string;
  expires_after_days: number | null;
  entity_name: string;
  condition: Condition | null;
  rule_on: boolean;
}

function draftFrom(tag: TagRow | null): Draft {
  return {
    name: tag?.name ?? '', dimension: tag?.dimension ?? 'basic', colour: tag?.colour ?? 'grey', description: tag?.description ?? '',
    expires_after_days: tag?.expires_after_days ?? null, entity_name: tag?.entity_name ?? 'person', condition: tag?.condition ?? null, rule_on: tag?.rule_on ?? false,
  };
}

/** The rule: for whom, under which condition, and whether it runs. */
function RuleForm({ draft, isNew, onChange }: { draft: Draft; isNew: boolean; onChange: (change: Partial<Draft>) => void }) {
  const { t } = useTranslation();
  const model = useModel();
  const entity = model.named(draft.entity_name);
  const options = carriers.flatMap((name) => { const one = model.named(name); return one ? [{ value: name, label: one.label }] : []; });
  return (
    <>
      <div className="row">
        <h3 className="grow">{t('tag.rule')}</h3>
        <Switch aria-label={t('tag.rule_on')} checked={draft.rule_on} disabled={!draft.condition} onChange={(rule_on) => onChange({ rule_on })} />
      </div>
      <p className="t2 dense">{t('tag.rule_hint')}</p>
      <Select aria-label={t('tag.rule_for')} value={draft.entity_name} disabled={!isNew} options={options} onChange={(entity_name) => onChange({ entity_name, condition: null, rule_on: false })} />
      {entity && <ConditionEditor key={draft.entity_name} entity={entity} value={draft.condition} onChange={(condition) => onChange({ condition, rule_on: condition ? draft.rule_on || !draft.condition : false })} />}
    </>
  );
}

/** A tag, new or changed; nothing takes effect before it is saved. */
export function TagDrawer({ tag, onClose }: { tag: TagRow | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const entity = useModel().named('tag');
  const [draft, setDraft] = useState(() => draftFrom(tag));
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () => {
      const { entity_name, ...rest } = draft;
      const body = { ...rest, description: draft.description || null };
      return tag ? patchRecord('tags', tag.id, tag.version, body) : api.post<RecordRow>('/tags', { ...body, entity_name });
    },
    onSuccess: async () => { await Promise.all([refreshRecords(client, 'tags'), client.invalidateQueries({ queryKey: ['tags'] })]); onClose(); },
  });
  const colours = entity ? fieldOf(entity, 'colour')?.options ?? [] : [];
  return (
    <SideSheet
      onClose={onClose} width={560} settled={isPending || isSuccess} title={tag ? t('settings.edit', { name: tag.name }) : t('tag.new')}
      footer={(
        <div className="row">
          <Button type="primary" loading={isPending} disabled={draft.name.trim() === ''} onClick={() => mutate()}>{t('action.save')}</Button>
          <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      )}
    >
      <div className="tag-form">
        {error && <ErrorNotice error={error} />}
        <label><span className="small-text t2">{t('tag.name')}</span><Input autoFocus value={draft.name} maxLength={30} onChange={(event) => set({ name: event.target.value })} /></label>
        <div className="row">
          <Select className="grow" aria-label={t('tag.dimension')} value={draft.dimension} options={dimensions.map((value) => ({ value, label: t(`tag.dimension_${value}`) }))} onChange={(dimension: Dimension) => set({ dimension })} />
          <Select className="grow" aria-label={t('tag.colour')} value={draft.colour} options={colours.map(({ code, label }) => ({ value: code, label }))} onChange={(colour) => set({ colour })} />
        </div>
        <label><span className="small-text t2">{t('tag.description')}</span><Input value={draft.description} maxLength={200} onChange={(event) => set({ description: event.target.value })} /></label>
        <label><span className="small-text t2">{t('tag.expires')}</span><InputNumber className="full-width" min={1} max={3650} precision={0} suffix={t('condition.days')} placeholder={t('tag.never')} value={draft.expires_after_days} onChange={(expires_after_days) => set({ expires_after_days })} /></label>
        <RuleForm draft={draft} isNew={!tag} onChange={set} />
      </div>
    </SideSheet>
  );
}
