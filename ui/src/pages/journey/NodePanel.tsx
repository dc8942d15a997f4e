import { Input, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Entity } from '@/api/types';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { replaceAt, without } from '@/condition/draft';
import { IconButton } from '@/part/IconButton';
import { Icon } from '@/part/Icon';
import { ParameterInput } from '@/pages/settings/AutomationDrawer';
import type { ActionKind } from '@/pages/settings/automation';
import { followedEvents, useEventTypes } from '@/pages/settings/eventTypes';
import { kindOf, nameOf, portName, type Words } from './describe';
import { EndFields, EntryFields, WaitFields } from './TimeFields';
import { freshPort, portsOf, startConfigs, type Config, type Graph, type GraphNode } from './graph';

export interface FieldsProps {
  config: Config;
  entity: Entity;
  onChange: (change: Partial<Config>) => void;
}

export function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return <div className="journey-field"><span className="small-text t2">{label}</span>{children}</div>;
}

const behaviours = ['page.viewed', 'link.clicked', 'form.started', 'custom.happened'] as const;

/** What happens to whoever goes through: what the program tells of, and what visitors do. */
export function EventSelect({ value, entity, onChange }: { value: string | undefined; entity: Entity; onChange: (type: string) => void }) {
  const { t } = useTranslation();
  const { data = [] } = useEventTypes();
  const options = [
    ...behaviours.map((type) => ({ value: type as string, label: `${t('journeys.visitor')} · ${t(`journeys.${type.replace('.', '_')}` as 'journeys.page_viewed')}` })),
    ...followedEvents(data, entity.name).map(({ type, entity_label: of, label }) => ({ value: type, label: `${of} · ${label}` })),
  ];
  return (
    <Select className="full-width" aria-label={t('journeys.event')} placeholder={t('journeys.event')} showSearch={{ optionFilterProp: 'label' }} value={value || undefined} options={options} onChange={onChange} />
  );
}

/** One of the nodes that send a mail. */
export function MailNodeSelect({ value, graph, words, onChange }: { value: string | undefined; graph: Graph; words: Words; onChange: (id: string | undefined) => void }) {
  const { t } = useTranslation();
  const options = graph.nodes.filter(({ config }) => config.action === 'send_mail').map((node) => ({ value: node.id, label: nameOf(node, words) }));
  return <Select className="full-width" aria-label={t('journeys.of')} placeholder={t('journeys.of')} allowClear value={value || undefined} options={options} onChange={(id?: string) => onChange(id)} />;
}

function BranchFields({ config, entity, onChange }: FieldsProps) {
  const { t } = useTranslation();
  const branches = config.branches ?? [];
  return (
    <ol className="journey-branches">
      {branches.map((branch, index) => (
        <li key={branch.port}>
          <div className="row">
            <Input aria-label={t('journeys.branch_name')} placeholder={t('journeys.branch_name')} value={branch.name} maxLength={30} onChange={(event) => onChange({ branches: replaceAt(branches, index, { ...branch, name: event.target.value }) })} />
            <IconButton small icon="close" label={t('action.remove')} onClick={() => onChange({ branches: without(branches, index) })} />
          </div>
          <ConditionEditor entity={entity} value={branch.where} onChange={(where) => onChange({ branches: replaceAt(branches, index, { ...branch, where }) })} />
        </li>
      ))}
      <button type="button" className="quiet-button small" disabled={branches.length >= 10} onClick={() => onChange({ branches: [...branches, { port: freshPort(branches.map(({ port }) => port)), name: '', where: null }] })}>
        <Icon name="plus" size={14} />{t('journeys.add_branch')}
      </button>
    </ol>
  );
}

function ValueFields({ config, entity, onChange }: FieldsProps) {
  const { t } = useTranslation();
  const values = config.values ?? [];
  const field = entity.fields.find(({ name }) => name === config.field);
  const fields = entity.fields.filter(({ type }) => type === 'option' || type === 'text' || type === 'region');
  const set = (index: number, value: string) => onChange({ values: replaceAt(values, index, { ...values[index]!, value }) });
  return (
    <>
      <Labelled label={t('journeys.field')}>
        <Select className="full-width" aria-label={t('journeys.field')} showSearch={{ optionFilterProp: 'label' }} value={config.field} options={fields.map(({ name, label }) => ({ value: name, label }))} onChange={(name) => onChange({ field: name, values: [{ port: 'a', value: '' }] })} />
      </Labelled>
      {values.map((one, index) => (
        <div className="row" key={one.port}>
          {field?.options
            ? <Select className="grow" aria-label={t('journeys.value')} value={one.value || undefined} options={field.options.map(({ code, label }) => ({ value: code, label }))} onChange={(value: string) => set(index, value)} />
            : <Input aria-label={t('journeys.value')} value={one.value} onChange={(event) => set(index, event.target.value)} />}
          <IconButton small icon="close" label={t('action.remove')} onClick={() => onChange({ values: without(values, index) })} />
        </div>
      ))}
      <button type="button" className="quiet-button small" disabled={values.length >= 10} onClick={() => onChange({ values: [...values, { port: freshPort(values.map(({ port }) => port)), value: '' }] })}>
        <Icon name="plus" size={14} />{t('journeys.add_value')}
      </button>
    </>
  );
}

function ShareFields({ config, onChange }: FieldsProps) {
  const { t } = useTranslation();
  const shares = config.shares ?? [];
  return (
    <>
      {shares.map((share, index) => (
        <div className="row" key={share.port}>
          <InputNumber className="grow" aria-label={t('journeys.percent')} suffix="%" min={0} max={100} precision={0} value={share.percent} onChange={(percent) => onChange({ shares: replaceAt(shares, index, { ...share, percent: percent ?? 0 }) })} />
          <IconButton small icon="close" label={t('action.remove')} onClick={() => onChange({ shares: without(shares, index) })} />
        </div>
      ))}
      <button type="button" className="quiet-button small" disabled={shares.length >= 10} onClick={() => onChange({ shares: [...shares, { port: freshPort(shares.map(({ port }) => port)), percent: 0 }] })}>
        <Icon name="plus" size={14} />{t('journeys.add_share')}
      </button>
    </>
  );
}

function ActionFields({ config, entity, kinds, onChange }: FieldsProps & { kinds: ActionKind[] }) {
  const { t } = useTranslation();
  const offered = kinds.filter((kind) => kind.entity === '' || kind.entity === entity.name);
  const kind = offered.find(({ name }) => name === config.action);
  const parameters = config.parameters ?? {};
  const set = (name: string, value: unknown) => {
    const { [name]: _, ...rest } = parameters;
    onChange({ parameters: value === null || value === undefined || value === '' ? rest : { ...rest, [name]: value } });
  };
  return (
    <>
      <Labelled label={t('automation.action')}>
        <Select className="full-width" aria-label={t('automation.action')} value={config.action} options={offered.map(({ name, label }) => ({ value: name, label }))} onChange={(action) => onChange({ action, parameters: {} })} />
      </Labelled>
      {kind?.parameters.map((parameter) => (
        <Labelled key={parameter.name} label={parameter.label}>
          <ParameterInput entity={entity} parameter={parameter} parameters={parameters} onChange={(value) => set(parameter.name, value)} />
        </Labelled>
      ))}
    </>
  );
}

/** Where each way out leads: what the lines of the canvas say, without a mouse. */
function Ways({ node, graph, words, onLead }: Pick<Props, 'node' | 'graph' | 'words' | 'onLead'>) {
  const { t } = useTranslation();
  const places = graph.nodes.filter(({ id, type }) => id !== node.id && type !== 'entry');
  const options = places.map((place) => ({ value: place.id, label: nameOf(place, words) }));
  return (
    <>
      {portsOf(node).map((port) => {
        const name = portName(node, port, words) || t('journeys.next');
        return (
          <Labelled key={port} label={t('journeys.leads_to', { name })}>
            <Select
              className="full-width" aria-label={t('journeys.leads_to', { name })} placeholder={t('journeys.leads_nowhere')} allowClear showSearch={{ optionFilterProp: 'label' }}
              value={graph.edges.find((edge) => edge.from === node.id && edge.port === port)?.to} options={options} onChange={(to?: string) => onLead(port, to)}
            />
          </Labelled>
        );
      })}
    </>
  );
}

/** Of what a program drew without saying how: the ways to choose from. */
function KindField({ type, onChoose }: { type: GraphNode['type']; onChoose: (config: Config) => void }) {
  const { t } = useTranslation();
  const kinds = Object.keys(startConfigs).filter((kind) => startConfigs[kind]!.type === type);
  return (
    <Labelled label={t('journeys.kind')}>
      <Select
        className="full-width" aria-label={t('journeys.kind')} placeholder={t('journeys.kind')} value={undefined as string | undefined}
        options={kinds.map((kind) => ({ value: kind, label: t(`journeys.kind_${kind}` as 'journeys.kind_entry_event') }))} onChange={(kind: string) => onChoose(structuredClone(startConfigs[kind]!.config))}
      />
    </Labelled>
  );
}

interface Props {
  node: GraphNode;
  graph: Graph;
  entity: Entity;
  words: Words;
  marks: string[];
  onChange: (change: Partial<GraphNode>, key?: string) => void;
  onLead: (port: string, to: string | undefined) => void;
  onRemove: () => void;
}

/** What the chosen node does, to be changed. */
export function NodePanel({ node, graph, entity, words, marks, onChange, onLead, onRemove }: Props) {
  const { t } = useTranslation();
  const { config } = node;
  const kind = kindOf(node);
  const set = (change: Partial<Config>) => onChange({ config: { ...config, ...change } }, `config ${node.id}`);
  const fields = { config, entity, onChange: set };
  return (
    <div className="journey-form" key={node.id}>
      {marks.map((mark) => <p key={mark} className="bad dense row"><Icon name="alert" size={14} />{mark}</p>)}
      <Labelled label={t('journeys.name')}>
        <Input aria-label={t('journeys.name')} value={node.name ?? ''} placeholder={nameOf({ ...node, name: '' }, words)} maxLength={60} onChange={(event) => onChange({ name: event.target.value }, `name ${node.id}`)} />
      </Labelled>
      {node.type !== kind && !startConfigs[kind] && <KindField type={node.type} onChoose={(chosen) => onChange({ config: chosen })} />}
      {node.type === 'entry' && <EntryFields {...fields} />}
      {node.type === 'wait' && <WaitFields {...fields} graph={graph} words={words} />}
      {kind === 'branch_condition' && <BranchFields {...fields} />}
      {kind === 'branch_value' && <ValueFields {...fields} />}
      {kind === 'branch_random' && <ShareFields {...fields} />}
      {kind === 'branch_mail' && <Labelled label={t('journeys.of')}><MailNodeSelect value={config.of} graph={graph} words={words} onChange={(of) => set({ of })} /></Labelled>}
      {node.type === 'action' && <ActionFields {...fields} kinds={words.kinds} />}
      {(node.type === 'goal' || node.type === 'exit') && <EndFields {...fields} />}
      <Ways node={node} graph={graph} words={words} onLead={onLead} />
      <div><button type="button" className="quiet-button small bad" onClick={onRemove}><Icon name="trash" size={14} />{t('journeys.remove_node')}</button></div>
    </div>
  );
}
