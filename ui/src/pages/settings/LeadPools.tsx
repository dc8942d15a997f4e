import { useState, type ReactNode } from 'react';
import { Button, Checkbox, Input, InputNumber, Select, Switch } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, useModel } from '@/api/meta';
import { patchRecord, refreshRecords } from '@/api/records';
import type { Condition, Entity, RecordRow } from '@/api/types';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { ConditionText } from '@/condition/describe';
import { draftOf } from '@/condition/draft';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { hiddenAsARule, hideable, managersOf, membersOf, numberOf, storedMembers } from './leadPools';
import { OrderedRecords } from './OrderedRecords';
import { PeoplePicker } from './PeoplePicker';

const numbers = [
  ['pick_limit', 10, 1000], ['holding_cap', 50, 10_000], ['cooldown_days', 7, 365], ['capacity', 0, 1_000_000],
  ['follow_up_hours', 24, 8760], ['deal_days', 0, 730], ['warn_hours', 4, 720],
] as const;
type NumberName = (typeof numbers)[number][0];

function Labelled({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return <label className="pool-field"><span className="small-text t2">{label}{hint && <span className="t3"> {hint}</span>}</span>{children}</label>;
}

function PoolLine({ pool }: { pool: RecordRow }) {
  const { t } = useTranslation();
  const lead = useModel().named('lead');
  const condition = pool.condition as Condition | null;
  const hours = numberOf(pool, 'follow_up_hours', 0);
  const members = membersOf(pool.members).length;
  const who = pool.everyone ? t('pools.everyone') : members > 0 ? t('pools.members_of', { count: members }) : t('pools.nobody');
  return (
    <>
      {condition && lead ? <ConditionText entity={lead} node={draftOf(condition)} /> : t('pools.all_leads')}
      {' · '}{who}{' · '}{numberOf(pool, 'pick_limit', 0) > 0 ? t('pools.picks', { count: numberOf(pool, 'pick_limit', 0) }) : t('pools.no_pick_limit')}
      {hours > 0 && <>{' · '}{t('pools.recycles', { hours })}</>}
    </>
  );
}

function PoolDrawer({ entity, pool, onClose }: { entity: Entity; pool: RecordRow | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const model = useModel();
  const lead = model.named('lead');
  const [name, setName] = useState(String(pool?.name ?? ''));
  const [condition, setCondition] = useState<Condition | null>((pool?.condition as Condition | null) ?? null);
  const [everyone, setEveryone] = useState(pool ? pool.everyone === true : true);
  const [members, setMembers] = useState(membersOf(pool?.members));
  const [managers, setManagers] = useState(managersOf(pool?.managers));
  const [hidden, setHidden] = useState<string[]>(Array.isArray(pool?.hidden_fields) ? (pool.hidden_fields as string[]) : hiddenAsARule);
  const [workdays, setWorkdays] = useState(pool?.workdays === true);
  const [values, setValues] = useState<Record<NumberName, number>>(
    () => Object.fromEntries(numbers.map(([field, standard]) => [field, numberOf(pool, field, standard)])) as Record<NumberName, number>,
  );
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () => {
      const body = {
        name: name.trim(), condition, everyone, members: storedMembers(members), managers: managers.map(({ id }) => id), hidden_fields: hidden, workdays, ...values,
      };
      return pool ? patchRecord('lead_pools', pool.id, pool.version, body) : api.post<RecordRow>('/lead_pools', body);
    },
    onSuccess: async () => { await refreshRecords(client, 'lead_pools'); onClose(); },
  });
  const number = (field: NumberName) => {
    const most = numbers.find(([candidate]) => candidate === field)?.[2];
    return (
      <Labelled key={field} label={fieldOf(entity, field)?.label ?? field} hint={t(`pools.hint_${field}`)}>
        <InputNumber className="full-width" min={0} max={most} precision={0} value={values[field]} onChange={(next) => setValues((before) => ({ ...before, [field]: next ?? 0 }))} />
      </Labelled>
    );
  };
  return (
    <SideSheet
      onClose={onClose} width={560} settled={isPending || isSuccess} title={pool ? t('settings.edit', { name: String(pool.name) }) : t('frame.create_one', { entity: entity.label })}
      footer={(
        <div className="row">
          <Button type="primary" loading={isPending} disabled={name.trim() === ''} onClick={() => mutate()}>{t('action.save')}</Button>
          <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      )}
    >
      <div className="rule-form">
        {error && <ErrorNotice error={error} />}
        <Labelled label={t('pools.name')}><Input value={name} maxLength={60} onChange={(event) => setName(event.target.value)} /></Labelled>
        <h3>{t('pools.which')}<span className="t3 optional">{t('pools.which_hint')}</span></h3>
        {lead && <ConditionEditor entity={lead} value={condition} onChange={setCondition} />}
        <h3>{t('pools.who')}</h3>
        <Checkbox checked={everyone} onChange={(event) => setEveryone(event.target.checked)}>{t('pools.everyone_may')}</Checkbox>
        {!everyone && <PeoplePicker label={t('pools.who')} value={members} onChange={setMembers} />}
        <span className="small-text t2">{t('pools.managers')}<span className="t3"> {t('pools.managers_hint')}</span></span>
        <PeoplePicker label={t('pools.managers')} kinds={['user']} value={managers} onChange={setManagers} />
        <h3>{t('pools.hidden')}<span className="t3 optional">{t('pools.hidden_hint')}</span></h3>
        <Select
          mode="multiple" className="full-width" aria-label={t('pools.hidden')} optionFilterProp="label" value={hidden} onChange={setHidden}
          options={hideable.map((field) => ({ value: field, label: (lead && fieldOf(lead, field)?.label) ?? field }))}
        />
        <h3>{t('pools.limits')}</h3>
        <div className="pool-numbers">{(['pick_limit', 'holding_cap', 'cooldown_days', 'capacity'] as const).map(number)}</div>
        <h3>{t('pools.clocks')}</h3>
        <div className="pool-numbers">{(['follow_up_hours', 'deal_days', 'warn_hours'] as const).map(number)}</div>
        <span className="row"><Switch size="small" checked={workdays} aria-label={t('pools.workdays')} onChange={setWorkdays} />{t('pools.workdays')}</span>
        <p className="t2 small-text">{t('pools.clocks_note')}</p>
      </div>
    </SideSheet>
  );
}

/** Pools: which leads lie where, who may grab them, how much, and when held ones come back. */
export function LeadPools({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  return (
    <OrderedRecords
      entity={entity} none={t('pools.none')} noneHint={t('pools.none_hint')} line={(pool) => <PoolLine pool={pool} />}
      drawer={(pool, onClose) => <PoolDrawer key={pool?.id ?? 'new'} entity={entity} pool={pool} onClose={onClose} />}
    />
  );
}
