import { useState } from 'react';
import { Button, Input, Segmented } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, useModel } from '@/api/meta';
import { patchRecord, refreshRecords } from '@/api/records';
import type { Condition, Entity, RecordRow } from '@/api/types';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { ConditionText } from '@/condition/describe';
import { draftOf } from '@/condition/draft';
import { Pill } from '@/field/FieldValue';
import { titleOf } from '@/field/references';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { OrderedRecords } from './OrderedRecords';
import { RuleMatches } from './RuleMatches';

interface DrawerProps {
  entity: Entity;
  of: Entity;
  rule: RecordRow | null;
  onClose: () => void;
}

function RuleDrawer({ entity, of, rule, onClose }: DrawerProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(String(rule?.name ?? ''));
  const [english, setEnglish] = useState(String(rule?.name_en ?? ''));
  const [grade, setGrade] = useState(String(rule?.grade ?? 'a'));
  const [condition, setCondition] = useState<Condition | null>((rule?.condition as Condition | null) ?? null);
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), name_en: english.trim() || null, grade, condition };
      return rule
        ? patchRecord(entity.plural, rule.id, rule.version, body)
        : api.post<RecordRow>(`/${entity.plural}`, { ...body, entity_name: of.name, position: 9000 });
    },
    onSuccess: async () => { await refreshRecords(client, entity.plural); onClose(); },
  });
  const options = fieldOf(entity, 'grade')?.options ?? [];
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
        <label><span className="small-text t2">{fieldOf(entity, 'name')?.label}</span><Input value={name} maxLength={60} onChange={(event) => setName(event.target.value)} /></label>
        <label><span className="small-text t2">{fieldOf(entity, 'name_en')?.label}</span><Input value={english} maxLength={60} onChange={(event) => setEnglish(event.target.value)} /></label>
        <h3>{t('automation.if')}</h3>
        <ConditionEditor entity={of} value={condition} onChange={setCondition} />
        <RuleMatches entity={of} condition={condition} />
        <h3>{t('rules.then_grade')}</h3>
        <Segmented aria-label={t('rules.then_grade')} value={grade} options={options.map(({ code, label }) => ({ value: code, label }))} onChange={setGrade} />
        <p className="t2 small-text">{t('rules.grade_note')}</p>
      </div>
    </SideSheet>
  );
}

function RuleLine({ entity, of, rule }: { entity: Entity; of: Entity; rule: RecordRow }) {
  const option = fieldOf(entity, 'grade')?.options?.find(({ code }) => code === rule.grade);
  return (
    <>
      {option && <Pill option={option} />}{' '}
      <ConditionText entity={of} node={draftOf(rule.condition as Condition)} />
    </>
  );
}

/** Which deals and leads are A, B, C and D: the first rule that holds says so. */
export function GradeRules({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const model = useModel();
  const [search, setSearch] = useSearchParams();
  const graded = (fieldOf(entity, 'entity_name')?.options ?? []).flatMap(({ code }) => model.named(code) ?? []);
  const of = graded.find(({ name }) => name === search.get('of')) ?? graded[0];
  if (!of) return null;
  return (
    <>
      <Segmented
        className="self-start" aria-label={fieldOf(entity, 'entity_name')?.label} value={of.name}
        options={graded.map(({ name, label }) => ({ value: name, label }))} onChange={(name) => setSearch({ of: name })}
      />
      <OrderedRecords
        key={of.name} entity={entity} where={{ field: 'entity_name', op: 'eq', value: of.name }} keep={{ of: of.name }}
        none={t('rules.no_grades', { entity: of.label })} noneHint={t('rules.no_grades_hint')}
        line={(rule) => <RuleLine entity={entity} of={of} rule={rule} />}
        drawer={(rule, onClose) => <RuleDrawer key={rule?.id ?? 'new'} entity={entity} of={of} rule={rule} onClose={onClose} />}
      />
    </>
  );
}
