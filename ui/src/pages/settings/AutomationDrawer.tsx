import { useState } from 'react';
import { Button, Input, InputNumber, Select, Switch } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, useModel } from '@/api/meta';
import { patchRecord, refreshRecords } from '@/api/records';
import type { Condition, Entity, RecordRow } from '@/api/types';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { without, replaceAt } from '@/condition/draft';
import { FieldInput } from '@/field/FieldInput';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { SideSheet } from '@/part/SideSheet';
import { actionErrors, movedBy, type ActionKind, type ActionParameter, type RuleAction } from './automation';
import { DateTrigger, dateRuleOf, dateTrigger } from './DateTrigger';
import { groupEvents, useEventTypes } from './eventTypes';
import { PeoplePicker } from './PeoplePicker';
import { RuleTrial } from './RuleTrial';

interface ParameterProps {
  entity: Entity;
  parameter: ActionParameter;
  parameters: Record<string, unknown>;
  onChange: (value: unknown) => void;
}

/** The control of one parameter of an action, by its type. */
export function ParameterInput({ entity, parameter, parameters, onChange }: ParameterProps) {
  const value = parameters[parameter.name];
  const field = fieldOf(entity, String(parameters.field ?? ''));
  switch (parameter.type) {
    case 'field':
      return (
        <Select
          className="full-width" aria-label={parameter.label} showSearch={{ optionFilterProp: 'label' }} value={value as string | undefined}
          options={entity.fields.filter((one) => one.writable && !one.system && one.type !== 'json').map(({ name, label }) => ({ value: name, label }))} onChange={onChange}
        />
      );
    case 'value':
      return field ? <FieldInput field={{ ...field, label: parameter.label }} value={value} onChange={onChange} /> : <Input disabled aria-label={parameter.label} />;
    case 'user':
    case 'tag':
    case 'mail_template':
    case 'approval_process':
      return <ReferenceSelect target={parameter.type} label={parameter.label} value={value as string | null} onChange={onChange} />;
    case 'users':
      return (
        <PeoplePicker
          label={parameter.label} kinds={['user']} value={Array.isArray(value) ? value.map((id) => ({ kind: 'user', id: String(id) })) : []}
          onChange={(people) => onChange(people.map(({ id }) => id))}
        />
      );
    case 'integer':
      return <InputNumber className="full-width" aria-label={parameter.label} precision={0} value={value as number | null} onChange={onChange} />;
    case 'boolean':
      return <Switch aria-label={parameter.label} checked={value === true} onChange={onChange} />;
    default:
      return <Input aria-label={parameter.label} value={String(value ?? '')} onChange={(event) => onChange(event.target.value || null)} />;
  }
}

interface ActionProps {
  entity: Entity;
  kinds: ActionKind[];
  action: RuleAction;
  onChange: (action: RuleAction) => void;
  onRemove: () => void;
  /** What is wrong with its parameters, by their names. */
  errors?: Record<string, string>;
  /** A place up or down; missing where there is none. */
  onUp?: () => void;
  onDown?: () => void;
}

export function ActionEditor({ entity, kinds, action, errors, onChange, onRemove, onUp, onDown }: ActionProps) {
  const { t } = useTranslation();
  const kind = kinds.find(({ name }) => name === action.action);
  const set = (name: string, value: unknown) => {
    const { [name]: _, ...rest } = action.parameters;
    onChange({ ...action, parameters: value === null || value === undefined || value === '' ? rest : { ...rest, [name]: value } });
  };
  return (
    <li className="rule-action">
      <div className="row">
        <Select className="grow" aria-label={t('automation.action')} value={action.action} options={kinds.map(({ name, label }) => ({ value: name, label }))} onChange={(name) => onChange({ action: name, parameters: {} })} />
        <IconButton small icon="up" label={t('automation.up')} disabled={!onUp} onClick={onUp} />
        <IconButton small icon="down" label={t('automation.down')} disabled={!onDown} onClick={onDown} />
        <IconButton small icon="close" label={t('action.remove')} onClick={onRemove} />
      </div>
      {kind?.parameters.map((parameter) => (
        <div key={parameter.name}>
          <span className="small-text t2">{parameter.label}{!parameter.required && <span className="t3 optional">{t('form.optional')}</span>}</span>
          <ParameterInput entity={entity} parameter={parameter} parameters={action.parameters} onChange={(value) => set(parameter.name, value)} />
          {errors?.[parameter.name] && <span className="bad small-text" role="alert">{errors[parameter.name]}</span>}
        </div>
      ))}
    </li>
  );
}

interface Props {
  rule: RecordRow | null;
  kinds: ActionKind[];
  onClose: () => void;
}

/** A rule as a form: when, if, then. */
export function AutomationDrawer({ rule, kinds, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const model = useModel();
  const { data: types = [] } = useEventTypes();
  const groups = groupEvents(types, '').filter((group) => model.named(group.entity));
  const [name, setName] = useState(String(rule?.name ?? ''));
  const [entityName, setEntityName] = useState(String(rule?.entity_name ?? (model.named('lead') ?? model.entities[0])?.name ?? ''));
  const [trigger, setTrigger] = useState(String(rule?.trigger ?? `${entityName}.created`));
  const [date, setDate] = useState(dateRuleOf(rule));
  const dated = trigger === dateTrigger;
  const [condition, setCondition] = useState<Condition | null>((rule?.condition as Condition | null) ?? null);
  const [actions, setActions] = useState<RuleAction[]>(Array.isArray(rule?.actions) ? (rule.actions as RuleAction[]) : []);
  const entity = model.named(entityName);
  const offered = kinds.filter((kind) => kind.entity === '' || kind.entity === entityName);
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () => {
      const body = { name, entity_name: entityName, trigger, condition, actions, ...(dated ? date : {}) };
      return rule ? patchRecord('automations', rule.id, rule.version, body) : api.post<RecordRow>('/automations', { ...body, enabled: true });
    },
    onSuccess: async () => { await refreshRecords(client, 'automations'); onClose(); },
  });
  const chooseEntity = (next: string) => { setEntityName(next); setTrigger(`${next}.created`); setDate(dateRuleOf(null)); setCondition(null); setActions([]); };
  const triggers = groups.find((group) => group.entity === entityName)?.types ?? [];
  const move = (index: number, step: -1 | 1) => () => setActions(movedBy(actions, index, step));
  const first = offered[0];
  return (
    <SideSheet
      onClose={onClose} width={560} settled={isPending || isSuccess} title={rule ? t('settings.edit', { name: String(rule.name) }) : t('automation.new')}
      footer={(
        <div className="row">
          <Button type="primary" loading={isPending} disabled={name.trim() === '' || actions.length === 0 || (dated && !date.date_field)} onClick={() => mutate()}>{t('action.save')}</Button>
          <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      )}
    >
      <div className="rule-form">
        {error && <ErrorNotice error={error} />}
        <label><span className="small-text t2">{t('automation.name')}</span><Input value={name} maxLength={120} onChange={(event) => setName(event.target.value)} /></label>
        <h3>{t('automation.when')}</h3>
        <div className="row">
          <Select className="grow" aria-label={t('settings.entity')} value={entityName} showSearch={{ optionFilterProp: 'label' }} options={groups.map(({ entity: value, label }) => ({ value, label }))} onChange={chooseEntity} />
          <Select className="grow" aria-label={t('automation.trigger')} value={trigger} options={triggers.map(({ type: value, label }) => ({ value, label }))} onChange={setTrigger} />
        </div>
        {dated && entity && <DateTrigger entity={entity} value={date} onChange={setDate} />}
        <h3>{t('automation.if')}<span className="t3 optional">{t('automation.always')}</span></h3>
        {entity && <ConditionEditor key={entityName} entity={entity} value={condition} onChange={setCondition} />}
        <h3>{t('automation.then')}</h3>
        <ol className="settings-lines">
          {entity && actions.map((action, index) => (
            <ActionEditor
              key={index} entity={entity} kinds={offered} action={action} errors={actionErrors(error, index)}
              onChange={(next) => setActions(replaceAt(actions, index, next))} onRemove={() => setActions(without(actions, index))}
              onUp={index > 0 ? move(index, -1) : undefined} onDown={index < actions.length - 1 ? move(index, 1) : undefined}
            />
          ))}
        </ol>
        {first && (
          <button type="button" className="quiet-button small" onClick={() => setActions([...actions, { action: first.name, parameters: {} }])}><Icon name="plus" size={14} />{t('automation.add')}</button>
        )}
        {entity && <RuleTrial entity={entity} trigger={trigger} date={dated ? date : null} condition={condition} />}
      </div>
    </SideSheet>
  );
}
