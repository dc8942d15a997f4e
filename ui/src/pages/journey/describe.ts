import type { TFunction } from 'i18next';
import type { Entity } from '@/api/types';
import type { IconName } from '@/part/icons';
import type { ActionKind } from '@/pages/settings/automation';
import { clockOf, spanOf, type Graph, type GraphNode } from './graph';

export interface Words {
  t: TFunction;
  entity: Entity | undefined;
  kinds: ActionKind[];
  eventLabel: (type: string) => string;
}

const icons: Record<string, IconName> = {
  entry_event: 'bolt', entry_segment: 'users', entry_date: 'calendar', entry_manual: 'user', wait_duration: 'clock', wait_window: 'calendar',
  wait_event: 'bolt', wait_condition: 'filter', branch_condition: 'filter', branch_value: 'list', branch_random: 'branch', branch_mail: 'mail',
  goal: 'flag', exit: 'open',
};
const actionIcons: Record<string, IconName> = {
  send_mail: 'mail', create_task: 'check', notify: 'bell', set_field: 'edit', set_owner: 'user', tag_add: 'tag', tag_remove: 'tag',
};

/** "wait_event"; of what has no kinds its type. */
export function kindOf({ type, config }: Pick<GraphNode, 'type' | 'config'>): string {
  return type === 'entry' || type === 'wait' || type === 'branch' ? `${type}_${config.kind ?? ''}` : type;
}

export function iconOf(node: Pick<GraphNode, 'type' | 'config'>): IconName {
  if (node.type === 'action') return actionIcons[node.config.action ?? ''] ?? 'bolt';
  return icons[kindOf(node)] ?? 'more';
}

export function spanText(t: TFunction, minutes: number | undefined): string {
  const { n, unit } = spanOf(minutes ?? 0);
  return t(`journeys.${unit}`, { count: n });
}

/** What a node is called: as somebody named it, else what it does. */
export function nameOf(node: GraphNode, words: Words): string {
  const { t, kinds } = words;
  if (node.name) return node.name;
  if (node.type === 'action') return kinds.find(({ name }) => name === node.config.action)?.label ?? t('journeys.kind_action');
  return t([`journeys.kind_${kindOf(node)}`, `journeys.type_${node.type}`] as 'journeys.kind_goal'[]);
}

/** Where somebody stands; nothing while the drawing is not known. */
export function placeOf(graph: Graph | undefined, id: string, words: Words): string {
  if (!graph) return '';
  const node = graph.nodes.find((one) => one.id === id);
  return node ? nameOf(node, words) : words.t('journeys.node_gone');
}

/** One line under the name: what it waits for, what it asks. */
export function detailOf(node: GraphNode, graph: Graph, words: Words): string {
  const { t, eventLabel, entity } = words;
  const { config } = node;
  const of = graph.nodes.find(({ id }) => id === config.of);
  switch (kindOf(node)) {
    case 'entry_event': return config.event ? eventLabel(config.event) : '';
    case 'entry_date': return config.at ? config.at.slice(0, 16).replace('T', ' ') : '';
    case 'wait_duration': return spanText(t, config.minutes);
    case 'wait_window': return `${clockOf(config.from ?? 0)}–${clockOf(config.to ?? 0)}${config.workdays ? ` · ${t('journeys.workdays')}` : ''}`;
    case 'wait_event': return t('journeys.wait_event_line', { event: eventLabel(config.event ?? ''), span: spanText(t, config.minutes) });
    case 'wait_condition': return t('journeys.at_most', { span: spanText(t, config.minutes) });
    case 'branch_value': return entity?.fields.find(({ name }) => name === config.field)?.label ?? '';
    case 'branch_random': return (config.shares ?? []).map(({ percent }) => `${percent}%`).join(' : ');
    case 'branch_mail': return of ? nameOf(of, words) : '';
    case 'action': return typeof config.parameters?.title === 'string' ? config.parameters.title : typeof config.parameters?.text === 'string' ? config.parameters.text : '';
    case 'goal': case 'exit': return config.event ? t('journeys.from_anywhere', { event: eventLabel(config.event) }) : config.where ? t('journeys.from_anywhere_where') : '';
    default: return '';
  }
}

/** What a way out is called at its line. */
export function portName(node: GraphNode, port: string, words: Words): string {
  const { t } = words;
  const { config } = node;
  if (port === 'next') return '';
  const branch = config.branches?.find((one) => one.port === port);
  const value = config.values?.find((one) => one.port === port);
  const share = config.shares?.find((one) => one.port === port);
  if (node.type === 'branch' && config.kind === 'condition' && branch) return branch.name || t('journeys.port_yes');
  if (node.type === 'branch' && config.kind === 'value' && value) {
    const option = words.entity?.fields.find(({ name }) => name === config.field)?.options?.find(({ code }) => code === value.value);
    return (option?.label ?? value.value) || t('journeys.value');
  }
  if (node.type === 'branch' && config.kind === 'random' && share) return `${share.percent}%`;
  return t(`journeys.port_${port}` as 'journeys.port_else');
}
