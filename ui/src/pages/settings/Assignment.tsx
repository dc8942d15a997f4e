import { useState } from 'react';
import { Button, Input, InputNumber, Select, Switch } from 'antd';
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
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { AssignmentReport } from './AssignmentReport';
import { AssignmentTrial } from './AssignmentTrial';
import { numberOf, reweighed, storedWeighted, weightedOf, type Weighted } from './leadPools';
import { OrderedRecords } from './OrderedRecords';
import { nameOfPeople, PeoplePicker, usePeopleNames } from './PeoplePicker';
import { Skills } from './Skills';

/** Fields of a lead whose value may name a skill. */
const skillFields = ['product_interest', 'industry', 'region', 'source'];

function RuleLine({ rule }: { rule: RecordRow }) {
  const { t } = useTranslation();
  const model = useModel();
  const lead = model.named('lead');
  const people = weightedOf(rule.people);
  const { names } = usePeopleNames('', people);
  const condition = rule.condition as Condition | null;
  const strategy = model.named('assignment_rule')?.fields.find(({ name }) => name === 'strategy')?.options?.find(({ code }) => code === rule.strategy);
  const shown = people.slice(0, 4).map((one) => `${nameOfPeople(names, one)}${rule.strategy === 'weighted' ? ` ×${one.weight}` : ''}`).join(t('condition.comma'));
  const pool = rule._refs?.pool_id?.title;
  return (
    <>
      {condition && lead ? <ConditionText entity={lead} node={draftOf(condition)} /> : t('pools.all_leads')}
      {' → '}<b>{strategy?.label}</b> {shown}{people.length > 4 && t('assignment.more', { count: people.length })}
      {pool && <>{' · '}{t('assignment.else_pool', { pool })}</>}
    </>
  );
}

function Weights({ people, onChange }: { people: Weighted[]; onChange: (people: Weighted[]) => void }) {
  const { t } = useTranslation();
  const { names } = usePeopleNames('', people);
  const sum = people.reduce((total, { weight }) => total + weight, 0);
  return (
    <ul className="rule-weights">
      {people.map((one, index) => (
        <li key={`${one.kind}:${one.id}`} className="row">
          <span className="grow ellipsis">{nameOfPeople(names, one)}</span>
          <InputNumber
            aria-label={t('assignment.weight_of', { name: nameOfPeople(names, one) })} min={1} max={100} precision={0} value={one.weight}
            onChange={(weight) => onChange(people.map((other, at) => (at === index ? { ...other, weight: weight ?? 1 } : other)))}
          />
          <span className="t3 small-text rule-share">{Math.round((one.weight / sum) * 100)}%</span>
        </li>
      ))}
    </ul>
  );
}

function RuleDrawer({ entity, rule, onClose }: { entity: Entity; rule: RecordRow | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const lead = useModel().named('lead');
  const [name, setName] = useState(String(rule?.name ?? ''));
  const [condition, setCondition] = useState<Condition | null>((rule?.condition as Condition | null) ?? null);
  const [strategy, setStrategy] = useState(String(rule?.strategy ?? 'round_robin'));
  const [people, setPeople] = useState(weightedOf(rule?.people));
  const [skill, setSkill] = useState(String(rule?.skill ?? ''));
  const [skillField, setSkillField] = useState(String(rule?.skill_field ?? (rule?.skill ? '' : 'product_interest')));
  const [cap, setCap] = useState(numberOf(rule, 'holding_cap', 0));
  const [explore, setExplore] = useState(numberOf(rule, 'exploration_percent', 0));
  const [hours, setHours] = useState(rule?.working_hours === true);
  const [pool, setPool] = useState<string | null>((rule?.pool_id as string | null) ?? null);
  const skills = strategy === 'skill';
  const body = {
    name: name.trim(), condition, strategy, people: storedWeighted(people), skill: skills && !skillField ? skill.trim() || null : null,
    skill_field: skills && skillField ? skillField : null, holding_cap: cap, exploration_percent: explore, working_hours: hours, pool_id: pool,
  };
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () => (rule ? patchRecord('assignment_rules', rule.id, rule.version, body) : api.post<RecordRow>('/assignment_rules', { ...body, position: 9000 })),
    onSuccess: async () => { await refreshRecords(client, 'assignment_rules'); onClose(); },
  });
  const options = entity.fields.find((field) => field.name === 'strategy')?.options ?? [];
  return (
    <SideSheet
      onClose={onClose} width={560} settled={isPending || isSuccess} title={rule ? t('settings.edit', { name: String(rule.name) }) : t('frame.create_one', { entity: entity.label })}
      footer={(
        <div className="row">
          <Button type="primary" loading={isPending} disabled={name.trim() === '' || people.length === 0} onClick={() => mutate()}>{t('action.save')}</Button>
          <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      )}
    >
      <div className="rule-form">
        {error && <ErrorNotice error={error} />}
        <label><span className="small-text t2">{t('pools.name')}</span><Input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} /></label>
        <h3>{t('automation.if')}<span className="t3 optional">{t('automation.always')}</span></h3>
        {lead && <ConditionEditor entity={lead} value={condition} onChange={setCondition} />}
        <h3>{t('automation.then')}</h3>
        <Select className="full-width" aria-label={t('assignment.strategy')} value={strategy} options={options.map(({ code, label }) => ({ value: code, label }))} onChange={setStrategy} />
        <p className="t2 small-text">{t(`assignment.about_${strategy as 'owner'}`)}</p>
        {skills && (
          <div className="row wrap">
            <Select
              className="grow" aria-label={t('assignment.skill_from')} value={skillField} onChange={setSkillField}
              options={[...skillFields.map((field) => ({ value: field, label: t('assignment.skill_by', { field: (lead && fieldOf(lead, field)?.label) ?? field }) })), { value: '', label: t('assignment.skill_fixed') }]}
            />
            {!skillField && <Input className="grow" aria-label={t('assignment.skill')} placeholder={t('assignment.skill')} maxLength={60} value={skill} onChange={(event) => setSkill(event.target.value)} />}
          </div>
        )}
        <span className="small-text t2">{t('assignment.people')}</span>
        <PeoplePicker label={t('assignment.people')} value={people} onChange={(chosen) => setPeople(reweighed(people, chosen))} />
        {strategy === 'weighted' && people.length > 0 && <Weights people={people} onChange={setPeople} />}
        <h3>{t('assignment.out')}<span className="t3 optional">{t('assignment.out_hint')}</span></h3>
        <div className="pool-numbers">
          <label className="pool-field"><span className="small-text t2">{t('assignment.cap')}</span><InputNumber className="full-width" min={0} max={10_000} precision={0} value={cap} onChange={(next) => setCap(next ?? 0)} /></label>
          <label className="pool-field"><span className="small-text t2">{t('assignment.explore')}</span><InputNumber className="full-width" min={0} max={50} precision={0} suffix="%" value={explore} onChange={(next) => setExplore(next ?? 0)} /></label>
        </div>
        <span className="row"><Switch size="small" checked={hours} aria-label={t('assignment.hours')} onChange={setHours} />{t('assignment.hours')}</span>
        <span className="small-text t2">{t('assignment.pool')}</span>
        <ReferenceSelect target="lead_pool" label={t('assignment.pool')} value={pool} onChange={(id) => setPool(id)} />
        <AssignmentTrial draft={name.trim() && people.length > 0 ? { ...body, enabled: true } : null} />
      </div>
    </SideSheet>
  );
}

/** The list that says who works a new lead, from top to bottom. */
export function Assignment({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const [trying, setTrying] = useState(false);
  return (
    <>
      <OrderedRecords
        entity={entity} none={t('assignment.none')} noneHint={t('assignment.none_hint')} line={(rule) => <RuleLine rule={rule} />}
        drawer={(rule, onClose) => <RuleDrawer key={rule?.id ?? 'new'} entity={entity} rule={rule} onClose={onClose} />}
        beside={<Button onClick={() => setTrying(!trying)}>{t('assignment.try_list')}</Button>}
      />
      {trying && <AssignmentTrial draft={undefined} open />}
      <AssignmentReport />
      <Skills />
    </>
  );
}
