import { useState } from 'react';
import { Button, Input, Select } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, useModel } from '@/api/meta';
import { patchRecord, refreshRecords } from '@/api/records';
import type { Condition, Entity, RecordRow } from '@/api/types';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { ConditionText } from '@/condition/describe';
import { draftOf } from '@/condition/draft';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { titleOf } from '@/field/references';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { OrderedRecords } from './OrderedRecords';
import { RuleMatches } from './RuleMatches';

function RuleLine({ entity, rule }: { entity: Entity; rule: RecordRow }) {
  const lead = useModel().named('lead');
  const when = fieldOf(entity, 'asked_for')?.options?.find(({ code }) => code === rule.asked_for);
  const pipeline = rule._refs?.pipeline_id?.title;
  return (
    <>
      {lead && <ConditionText entity={lead} node={draftOf(rule.condition as Condition)} />}
      {' · '}{when?.label}{pipeline && <> · {pipeline}</>}
    </>
  );
}

function RuleDrawer({ entity, rule, onClose }: { entity: Entity; rule: RecordRow | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const lead = useModel().named('lead');
  const [name, setName] = useState(String(rule?.name ?? ''));
  const [english, setEnglish] = useState(String(rule?.name_en ?? ''));
  const [condition, setCondition] = useState<Condition | null>((rule?.condition as Condition | null) ?? null);
  const [askedFor, setAskedFor] = useState(String(rule?.asked_for ?? 'any'));
  const [pipeline, setPipeline] = useState<string | null>((rule?.pipeline_id as string | null) ?? null);
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), name_en: english.trim() || null, condition, asked_for: askedFor, pipeline_id: askedFor === 'deal' ? pipeline : null };
      return rule ? patchRecord(entity.plural, rule.id, rule.version, body) : api.post<RecordRow>(`/${entity.plural}`, { ...body, position: 9000 });
    },
    onSuccess: async () => { await refreshRecords(client, entity.plural); onClose(); },
  });
  const options = fieldOf(entity, 'asked_for')?.options ?? [];
  return (
    <SideSheet
      onClose={onClose} width={560} settled={isPending || isSuccess} title={rule ? t('settings.edit', { name: titleOf(entity, rule) }) : t('frame.create_one', { entity: entity.label })}
      footer={(
        <div className="row">
          <Button type="primary" loading={isPending} disabled={name.trim() === '' || !condition} onClick={() => mutate()}>{t('action.save')}</Button>
          <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      )}
    >
      <div className="rule-form">
        {error && <ErrorNotice error={error} />}
        <label><span className="small-text t2">{t('rules.words')}</span><Input value={name} maxLength={100} placeholder={t('rules.words_example')} onChange={(event) => setName(event.target.value)} /></label>
        <label><span className="small-text t2">{fieldOf(entity, 'name_en')?.label}</span><Input value={english} maxLength={100} onChange={(event) => setEnglish(event.target.value)} /></label>
        <h3>{t('rules.lead_must')}</h3>
        {lead && <ConditionEditor entity={lead} value={condition} onChange={setCondition} />}
        {lead && <RuleMatches entity={lead} condition={condition} />}
        <h3>{fieldOf(entity, 'asked_for')?.label}</h3>
        <Select className="full-width" aria-label={fieldOf(entity, 'asked_for')?.label} value={askedFor} options={options.map(({ code, label }) => ({ value: code, label }))} onChange={setAskedFor} />
        {askedFor === 'deal' && (
          <ReferenceSelect
            target="pipeline" label={fieldOf(entity, 'pipeline_id')?.label ?? ''} everything={t('rules.every_pipeline')}
            value={pipeline} title={rule?._refs?.pipeline_id?.title} onChange={setPipeline}
          />
        )}
      </div>
    </SideSheet>
  );
}

/** What a lead must be before it converts: conditions in the company's own words. */
export function ConversionRules({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  return (
    <OrderedRecords
      entity={entity} none={t('rules.no_conversion')} noneHint={t('rules.no_conversion_hint')}
      line={(rule) => <RuleLine entity={entity} rule={rule} />}
      drawer={(rule, onClose) => <RuleDrawer key={rule?.id ?? 'new'} entity={entity} rule={rule} onClose={onClose} />}
    />
  );
}
