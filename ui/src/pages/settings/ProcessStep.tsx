import { Button, Input, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Entity } from '@/api/types';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { replaceAt, without } from '@/condition/draft';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { IconButton } from '@/part/IconButton';
import { approverKinds, kindOf, type Approver, type ApproverKind, type Step } from './approvalProcess';

const levels = [1, 2, 3, 4, 5];

function empty(kind: ApproverKind): Approver {
  if (kind === 'manager') return { manager: 1 };
  return kind === 'user' ? { user: '' } : kind === 'role' ? { role: '' } : { field: '' };
}

function ApproverInput({ entity, approver, onChange, onRemove }: { entity: Entity; approver: Approver; onChange: (approver: Approver) => void; onRemove: () => void }) {
  const { t } = useTranslation();
  const kind = kindOf(approver);
  const people = entity.fields.filter(({ type, target }) => type === 'reference' && target === 'user');
  return (
    <li className="process-approver">
      <Select aria-label={t('approvals.who')} value={kind} options={approverKinds.map((value) => ({ value, label: t(`approvals.kind_${value}`) }))} onChange={(next) => onChange(empty(next))} />
      {'user' in approver && <ReferenceSelect className="grow" target="user" label={t('approvals.kind_user')} value={approver.user || null} onChange={(id) => onChange({ user: id ?? '' })} />}
      {'role' in approver && <ReferenceSelect className="grow" target="role" label={t('approvals.kind_role')} value={approver.role || null} onChange={(id) => onChange({ role: id ?? '' })} />}
      {'manager' in approver && <Select className="grow" aria-label={t('approvals.kind_manager')} value={approver.manager} options={levels.map((n) => ({ value: n, label: n === 1 ? t('approvals.levels_1') : t('approvals.levels_n', { n }) }))} onChange={(manager) => onChange({ manager })} />}
      {'field' in approver && <Select className="grow" aria-label={t('approvals.kind_field')} value={approver.field || undefined} options={people.map(({ name, label }) => ({ value: name, label }))} onChange={(field) => onChange({ field })} />}
      <IconButton small icon="close" label={t('action.remove')} onClick={onRemove} />
    </li>
  );
}

interface Props {
  entity: Entity;
  step: Step;
  number: number;
  onChange: (step: Step) => void;
  onRemove?: () => void;
  onUp?: () => void;
  onDown?: () => void;
}

/** One step of a process: whom it asks, how many must agree, when it applies. */
export function ProcessStep({ entity, step, number, onChange, onRemove, onUp, onDown }: Props) {
  const { t } = useTranslation();
  const modes = ['any', 'all', 'ratio'] as const;
  return (
    <li className="process-step">
      <div className="row">
        <Input className="grow" aria-label={t('approvals.step_name')} placeholder={t('approvals.step_n', { n: number })} value={step.name} maxLength={60} onChange={(event) => onChange({ ...step, name: event.target.value })} />
        <Select aria-label={t('approvals.steps')} value={step.mode} options={modes.map((value) => ({ value, label: value === 'ratio' ? t('approvals.percent') : t(`approvals.mode_${value}`) }))} onChange={(mode) => onChange({ ...step, mode })} />
        {step.mode === 'ratio' && <InputNumber aria-label={t('approvals.percent')} min={1} max={100} precision={0} value={step.percent ?? 50} onChange={(percent) => onChange({ ...step, percent: percent ?? 50 })} />}
        <IconButton small icon="up" label={t('automation.up')} disabled={!onUp} onClick={onUp} />
        <IconButton small icon="down" label={t('automation.down')} disabled={!onDown} onClick={onDown} />
        <IconButton small icon="trash" label={t('action.delete')} disabled={!onRemove} onClick={onRemove} />
      </div>
      <ul>
        {step.approvers.map((approver, index) => (
          <ApproverInput
            key={index} entity={entity} approver={approver} onChange={(next) => onChange({ ...step, approvers: replaceAt(step.approvers, index, next) })}
            onRemove={() => onChange({ ...step, approvers: without(step.approvers, index) })}
          />
        ))}
      </ul>
      <div><Button size="small" type="text" onClick={() => onChange({ ...step, approvers: [...step.approvers, { user: '' }] })}>{t('approvals.add_approver')}</Button></div>
      <span className="small-text t2">{t('approvals.step_if')}<span className="t3 optional"> {t('approvals.always')}</span></span>
      <ConditionEditor entity={entity} value={step.condition ?? null} onChange={(condition) => onChange({ ...step, condition })} />
    </li>
  );
}
