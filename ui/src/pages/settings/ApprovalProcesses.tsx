import { useState } from 'react';
import { Button, Checkbox, Input, InputNumber, Select, Switch } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, useModel } from '@/api/meta';
import { patchRecord, refreshRecords } from '@/api/records';
import type { Entity, Field, RecordRow } from '@/api/types';
import '@/approval/approval.css';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { ConditionText } from '@/condition/describe';
import { draftOf, replaceAt, without } from '@/condition/draft';
import { FieldInput } from '@/field/FieldInput';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { ErrorNotice } from '@/part/ErrorNotice';
import { IconButton } from '@/part/IconButton';
import { SideSheet } from '@/part/SideSheet';
import { draftOfProcess, forApprovers, isComplete, shownAtFirst, stored, watchedAs, type ProcessDraft } from './approvalProcess';
import { actionErrors, movedBy, type ActionKind, type RuleAction } from './automation';
import { ActionEditor } from './AutomationDrawer';
import { OrderedRecords } from './OrderedRecords';
import { ProcessStep } from './ProcessStep';

type Set = <K extends keyof ProcessDraft>(key: K, value: ProcessDraft[K]) => void;
interface PartProps { entity: Entity; process: Entity; draft: ProcessDraft; set: Set }

function optionsOf(process: Entity, name: string) {
  return (fieldOf(process, name)?.options ?? []).map(({ code, label }) => ({ value: code, label }));
}

function Values({ field, values, onChange }: { field: Field; values: unknown[]; onChange: (values: unknown[]) => void }) {
  const { t } = useTranslation();
  if (field.options) {
    return <Select mode="multiple" className="full-width" aria-label={t('approvals.watched_values')} value={values as string[]} options={field.options.map(({ code, label }) => ({ value: code, label }))} onChange={onChange} />;
  }
  return (
    <ul className="settings-lines">
      {[...values, null].map((value, index) => (
        <li key={index} className="process-approver">
          <span className="grow"><FieldInput field={field} value={value} onChange={(next) => onChange(next === null || next === '' ? without(values, index) : replaceAt([...values, null].slice(0, Math.max(values.length, index + 1)), index, next))} /></span>
          {index < values.length && <IconButton small icon="close" label={t('action.remove')} onClick={() => onChange(without(values, index))} />}
        </li>
      ))}
    </ul>
  );
}

function WhenPart({ entity, process, draft, set }: PartProps) {
  const { t } = useTranslation();
  const watched = draft.watch_field ? fieldOf(entity, draft.watch_field) : undefined;
  const fields = entity.fields.filter(({ system, type }) => !system && type !== 'json');
  return (
    <>
      <Select className="full-width" aria-label={t('approvals.when')} value={draft.trigger} options={optionsOf(process, 'trigger')} onChange={(trigger) => set('trigger', trigger)} />
      {draft.trigger === 'change' && (
        <>
          <span className="small-text t2">{t('approvals.watched')}</span>
          <Select className="full-width" showSearch={{ optionFilterProp: 'label' }} aria-label={t('approvals.watched')} value={draft.watch_field} options={fields.map(({ name, label }) => ({ value: name, label }))} onChange={(name) => { set('watch_field', name); set('watch_values', []); }} />
          {watched && <><span className="small-text t2">{t('approvals.watched_values')}</span><Values key={watched.name} field={watched} values={draft.watch_values} onChange={(values) => set('watch_values', values)} /></>}
          <Checkbox checked={draft.once} onChange={(event) => set('once', event.target.checked)}>{fieldOf(process, 'once')?.label}</Checkbox>
        </>
      )}
      {(draft.trigger === 'change' || draft.trigger === 'create') && (
        <>
          <Select className="full-width" aria-label={fieldOf(process, 'hold_mode')?.label} value={draft.hold_mode} options={optionsOf(process, 'hold_mode')} onChange={(mode) => set('hold_mode', mode)} />
          <p className="t3 small-text dense">{t(draft.hold_mode === 'hold' ? (draft.trigger === 'create' ? 'approvals.hold_new_hint' : 'approvals.hold_hint') : 'approvals.block_hint')}</p>
        </>
      )}
    </>
  );
}

function FieldsPart({ entity, draft, set }: PartProps) {
  const { t } = useTranslation();
  const options = forApprovers(entity).map(({ name, label }) => ({ value: name, label }));
  return (
    <>
      <span className="small-text t2">{t('approvals.shown')}<span className="t3"> {t('approvals.shown_hint')}</span></span>
      <Select mode="multiple" className="full-width" optionFilterProp="label" aria-label={t('approvals.shown')} value={draft.shown} options={options} onChange={(names) => set('shown', names)} />
      <span className="small-text t2">{t('approvals.locked')}</span>
      <Select mode="multiple" className="full-width" optionFilterProp="label" aria-label={t('approvals.locked')} value={draft.locked} options={options} onChange={(names) => set('locked', names)} />
    </>
  );
}

interface ActionsProps {
  entity: Entity;
  label: string;
  actions: RuleAction[];
  onChange: (actions: RuleAction[]) => void;
  /** What is wrong with the parameters of one of them. */
  wrong: (index: number) => Record<string, string>;
}

function Actions({ entity, label, actions, onChange, wrong }: ActionsProps) {
  const { t } = useTranslation();
  const { data } = useQuery({ queryKey: ['actions'], queryFn: () => api.get<{ data: ActionKind[] }>('/actions') });
  const kinds = (data?.data ?? []).filter((kind) => kind.entity === '' || kind.entity === entity.name);
  const first = kinds[0];
  return (
    <>
      <span className="small-text t2">{label}</span>
      <ol className="settings-lines">
        {actions.map((action, index) => (
          <ActionEditor key={index} entity={entity} kinds={kinds} action={action} errors={wrong(index)} onChange={(next) => onChange(replaceAt(actions, index, next))} onRemove={() => onChange(without(actions, index))} />
        ))}
      </ol>
      {first && <div><Button size="small" type="text" onClick={() => onChange([...actions, { action: first.name, parameters: {} }])}>{t('automation.add')}</Button></div>}
    </>
  );
}

function RestPart({ process, draft, set }: PartProps) {
  const { t } = useTranslation();
  const label = (name: string) => fieldOf(process, name)?.label ?? name;
  return (
    <>
      <span className="small-text t2">{label('self_rule')}</span>
      <Select className="full-width" aria-label={label('self_rule')} value={draft.self_rule} options={optionsOf(process, 'self_rule')} onChange={(rule) => set('self_rule', rule)} />
      <span className="small-text t2">{label('fallback_user_id')}</span>
      <ReferenceSelect className="full-width" target="user" label={label('fallback_user_id')} value={draft.fallback_user_id} onChange={(id) => set('fallback_user_id', id)} />
      <div className="pool-numbers">
        <label className="pool-field"><span className="small-text t2">{label('remind_hours')}</span><InputNumber className="full-width" min={1} max={720} precision={0} value={draft.remind_hours} onChange={(hours) => set('remind_hours', hours ?? 24)} /></label>
        <label className="pool-field"><span className="small-text t2">{label('escalate_after')}</span><InputNumber className="full-width" min={0} max={100} precision={0} value={draft.escalate_after} onChange={(times) => set('escalate_after', times ?? 0)} /></label>
      </div>
      <p className="t3 small-text dense">{t(draft.escalate_after === 0 ? 'approvals.escalate_never' : 'approvals.escalate_hint')}</p>
      <span className="row"><Switch size="small" checked={draft.workdays} aria-label={label('workdays')} onChange={(on) => set('workdays', on)} />{label('workdays')}</span>
    </>
  );
}

interface TryResult { applies: boolean; steps: { name: string; applies: boolean; people: { approver: { name: string } | null; holder: { name: string } | null; why: string }[] }[] }

/** Whom the saved process would ask about a record. */
function Try({ entity, id }: { entity: Entity; id: string }) {
  const { t } = useTranslation();
  const [record, setRecord] = useState<string | null>(null);
  const { data, error } = useQuery({ queryKey: ['approvals', 'try', id, record], enabled: record !== null, queryFn: () => api.post<TryResult>(`/approval_processes/${id}/try`, { record_id: record }) });
  return (
    <div className="process-try">
      <p className="t3 small-text">{t('approvals.try_hint')}</p>
      <ReferenceSelect className="full-width" target={entity.name} label={t('approvals.try')} value={record} onChange={setRecord} />
      {error && <ErrorNotice error={error} />}
      {data && !data.applies && <p className="t2">{t('approvals.try_no')}</p>}
      {data?.applies && (
        <ul>
          {data.steps.map((step, index) => (
            <li key={index}><b>{step.name || t('approvals.step_n', { n: index + 1 })}</b> <span className="t2">{step.applies ? step.people.map(({ approver, holder }) => holder?.name ?? approver?.name ?? '').join(t('approvals.comma')) : t('approvals.try_skipped')}</span></li>
          ))}
        </ul>
      )}
    </div>
  );
}

function ProcessDrawer({ process, record, onClose }: { process: Entity; record: RecordRow | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const model = useModel();
  const kinds = model.entities.filter(({ work }) => work);
  const begun = (name: string) => ({ ...draftOfProcess(null, name), shown: shownAtFirst(model.named(name)) });
  const [draft, setDraft] = useState(() => (record ? draftOfProcess(record, '') : begun(model.named('opportunity')?.name ?? kinds[0]?.name ?? '')));
  const set: Set = (key, value) => setDraft((before) => ({ ...before, [key]: value }));
  const entity = model.named(draft.entity_name);
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () => (record ? patchRecord('approval_processes', record.id, record.version, stored(draft)) : api.post<RecordRow>('/approval_processes', stored(draft))),
    onSuccess: async () => { await refreshRecords(client, 'approval_processes'); onClose(); },
  });
  const steps = (next: ProcessDraft['steps']) => set('steps', next);
  const chooseEntity = (name: string) => setDraft({ ...begun(name), name: draft.name });
  const parts = entity && { entity, process, draft, set };
  return (
    <SideSheet
      onClose={onClose} width={640} settled={isPending || isSuccess} title={record ? t('settings.edit', { name: String(record.name) }) : t('frame.create_one', { entity: process.label })}
      footer={(
        <div className="row">
          <Button type="primary" loading={isPending} disabled={!isComplete(draft)} onClick={() => mutate()}>{t('action.save')}</Button>
          <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      )}
    >
      <div className="rule-form">
        {error && <ErrorNotice error={error} />}
        <label><span className="small-text t2">{t('approvals.name')}</span><Input value={draft.name} maxLength={60} onChange={(event) => set('name', event.target.value)} /></label>
        <h3>{t('approvals.when')}</h3>
        <Select className="full-width" aria-label={t('settings.entity')} disabled={!!record} value={draft.entity_name} showSearch={{ optionFilterProp: 'label' }} options={kinds.map(({ name, label }) => ({ value: name, label }))} onChange={chooseEntity} />
        {parts && <WhenPart {...parts} />}
        <h3>{t('approvals.if')}<span className="t3 optional">{t('approvals.always')}</span></h3>
        {entity && <ConditionEditor key={draft.entity_name} entity={entity} value={draft.condition} onChange={(condition) => set('condition', condition)} />}
        <h3>{t('approvals.steps')}</h3>
        <ol className="settings-lines">
          {entity && draft.steps.map((step, index) => (
            <ProcessStep
              key={index} entity={entity} step={step} number={index + 1} onChange={(next) => steps(replaceAt(draft.steps, index, next))}
              onRemove={draft.steps.length > 1 ? () => steps(without(draft.steps, index)) : undefined}
              onUp={index > 0 ? () => steps(movedBy(draft.steps, index, -1)) : undefined} onDown={index < draft.steps.length - 1 ? () => steps(movedBy(draft.steps, index, 1)) : undefined}
            />
          ))}
        </ol>
        <div><Button disabled={draft.steps.length >= 10} onClick={() => steps([...draft.steps, { name: '', mode: 'any', approvers: [{ manager: 1 }] }])}>{t('approvals.add_step')}</Button></div>
        {parts && <FieldsPart {...parts} />}
        <h3>{t('approvals.after')}</h3>
        {entity && <Actions entity={entity} label={t('approvals.after_approved')} actions={draft.on_approved} wrong={(index) => actionErrors(error, index, 'on_approved')} onChange={(actions) => set('on_approved', actions)} />}
        {entity && <Actions entity={entity} label={t('approvals.after_rejected')} actions={draft.on_rejected} wrong={(index) => actionErrors(error, index, 'on_rejected')} onChange={(actions) => set('on_rejected', actions)} />}
        <h3>{t('approvals.rest')}</h3>
        {parts && <RestPart {...parts} />}
        {record && entity && <><h3>{t('approvals.try')}</h3><Try entity={entity} id={record.id} /></>}
      </div>
    </SideSheet>
  );
}

function ProcessLine({ process, record }: { process: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const entity = useModel().named(String(record.entity_name));
  const draft = draftOfProcess(record, '');
  const watched = entity && draft.watch_field ? fieldOf(entity, draft.watch_field)?.label : '';
  const becomes = watchedAs(draft);
  return (
    <>
      {entity?.label}{' · '}{fieldOf(process, 'trigger')?.options?.find(({ code }) => code === draft.trigger)?.label}{draft.trigger === 'change' && !becomes && <> · {watched}</>}
      {becomes && entity && <>{' · '}<ConditionText entity={entity} node={draftOf(becomes)} /></>}
      {draft.condition && entity && <>{' · '}<ConditionText entity={entity} node={draftOf(draft.condition)} /></>}
      {' · '}{t('approvals.steps_count', { count: draft.steps.length })}
    </>
  );
}

/** Approval processes: what needs whose agreement. */
export function ApprovalProcesses({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  return (
    <OrderedRecords
      entity={entity} none={t('approvals.none')} noneHint={t('approvals.none_hint')} line={(record) => <ProcessLine process={entity} record={record} />}
      drawer={(record, onClose) => <ProcessDrawer key={record?.id ?? 'new'} process={entity} record={record} onClose={onClose} />}
    />
  );
}
