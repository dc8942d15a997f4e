import { Input, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Entity } from '@/api/types';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { ConditionText } from '@/condition/describe';
import { draftOf, without } from '@/condition/draft';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { members, signedPoints, whereOps, type EventChoice, type Rule, type Where } from './scoring';

interface WhereProps {
  where: Where[];
  onChange: (where: Where[]) => void;
}

/** Conditions on the event itself, all of which must hold. */
function WhereEditor({ where, onChange }: WhereProps) {
  const { t } = useTranslation();
  const set = (index: number, change: Partial<Where>) => onChange(where.map((one, at) => (at === index ? { ...one, ...change } : one)));
  return (
    <div className="rule-where">
      {where.map((one, index) => (
        <div key={index} className="row">
          <Select
            size="small" aria-label={t('scoring.member')} value={one.key} popupMatchSelectWidth={false} className="rule-member"
            options={[...members, ...(members.some((name) => name === one.key) ? [] : [one.key])].map((value) => ({ value, label: members.some((name) => name === value) ? t(`scoring.member_${value as (typeof members)[number]}`) : value }))}
            onChange={(key) => set(index, { key })}
          />
          <Select size="small" aria-label={t('scoring.comparison')} value={one.op} popupMatchSelectWidth={false} options={whereOps.map((value) => ({ value, label: t(`scoring.op_${value}`) }))} onChange={(op) => set(index, { op })} />
          <Input size="small" className="grow" aria-label={t('scoring.value')} value={one.value} maxLength={300} placeholder={one.key === 'path' ? '/downloads/' : ''} onChange={(event) => set(index, { value: event.target.value })} />
          <IconButton small icon="close" label={t('action.remove')} onClick={() => onChange(without(where, index))} />
        </div>
      ))}
      {where.length < 5 && (
        <button type="button" className="quiet-button small" onClick={() => onChange([...where, { key: 'path', op: 'starts_with', value: '' }])}>
          <Icon name="plus" size={14} />{t('scoring.add_where')}
        </button>
      )}
    </div>
  );
}

const limits = ['cap', 'per_day', 'half_life_days', 'lasts_days'] as const;

function Limits({ rule, onChange }: { rule: Rule; onChange: (change: Partial<Rule>) => void }) {
  const { t } = useTranslation();
  return (
    <div className="rule-limits">
      {limits.map((name) => (
        <label key={name}>
          <span className="small-text t2">{t(`scoring.${name}`)}</span>
          <InputNumber size="small" min={0} max={name === 'lasts_days' ? 365 : 10_000} precision={0} value={rule[name] ?? null} placeholder={t(name === 'lasts_days' ? 'scoring.year' : 'scoring.unlimited')} onChange={(value) => onChange({ [name]: value })} />
        </label>
      ))}
    </div>
  );
}

interface Props {
  entity: Entity;
  rule: Rule;
  events: EventChoice[];
  errors: string[] | undefined;
  open: boolean;
  onOpen: () => void;
  onChange: (rule: Rule) => void;
  onRemove: () => void;
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
  /** What it gives the record the card is tried on. */
  given: number | undefined;
}

/** What the rule is about, in a line. */
function RuleLine({ entity, rule, events }: Pick<Props, 'entity' | 'rule' | 'events'>) {
  const { t } = useTranslation();
  if (rule.event === undefined) return rule.when ? <ConditionText entity={entity} node={draftOf(rule.when)} /> : <>{t('scoring.no_condition')}</>;
  const where = (rule.where ?? []).map(({ key, op, value }) => `${members.some((name) => name === key) ? t(`scoring.member_${key as (typeof members)[number]}`) : key} ${t(`scoring.op_${op}`)} ${value}`);
  const bounds = limits.flatMap((name) => (rule[name] ? [t(`scoring.${name}_is`, { count: rule[name] })] : []));
  return <>{[events.find(({ type }) => type === rule.event)?.label ?? rule.event, ...where, ...bounds].join(' · ')}</>;
}

/** One rule: closed a line, open its form. */
export function RuleEditor({ entity, rule, events, errors, open, onOpen, onChange, onRemove, onUp, onDown, given }: Props) {
  const { t } = useTranslation();
  const set = (change: Partial<Rule>) => onChange({ ...rule, ...change });
  return (
    <>
      <div className="row rule-head">
        <span className="rule-grip t3" aria-hidden="true"><Icon name="grip" size={14} /></span>
        <span className={`rule-points ${rule.points < 0 ? 'bad' : ''}`}>{signedPoints(rule.points)}</span>
        <button type="button" className="rule-title grow" aria-expanded={open} onClick={onOpen}>
          <b>{rule.name || t('scoring.unnamed')}</b>
          {!open && <span className="t2 dense ellipsis"><RuleLine entity={entity} rule={rule} events={events} /></span>}
        </button>
        {given !== undefined && <span className={`pill ${given > 0 ? 'ok' : given < 0 ? 'bad' : ''}`}>{signedPoints(given)}</span>}
        <IconButton small icon="up" label={t('automation.up')} disabled={!onUp} onClick={onUp} />
        <IconButton small icon="down" label={t('automation.down')} disabled={!onDown} onClick={onDown} />
        <IconButton small icon="trash" label={t('action.delete')} onClick={onRemove} />
      </div>
      {errors?.map((text) => <p key={text} className="bad small-text rule-error">{text}</p>)}
      {open && (
        <div className="rule-body">
          <div className="row wrap">
            <label className="grow"><span className="small-text t2">{t('scoring.rule_name')}</span><Input value={rule.name} maxLength={60} onChange={(event) => set({ name: event.target.value })} /></label>
            <label><span className="small-text t2">{t('scoring.points')}</span><br /><InputNumber value={rule.points} min={-1000} max={1000} precision={0} onChange={(points) => set({ points: points ?? 0 })} /></label>
          </div>
          {rule.event === undefined
            ? <ConditionEditor entity={entity} value={rule.when} onChange={(when) => set({ when })} />
            : (
              <>
                <label>
                  <span className="small-text t2">{t('scoring.event')}</span>
                  <Select className="full-width" value={rule.event} showSearch={{ optionFilterProp: 'label' }} options={events.map(({ type, label }) => ({ value: type, label }))} onChange={(event) => set({ event, where: [] })} />
                </label>
                <WhereEditor where={rule.where ?? []} onChange={(where) => set({ where })} />
                <Limits rule={rule} onChange={set} />
              </>
            )}
        </div>
      )}
    </>
  );
}
