import type { Condition } from '@/api/types';

export const nodeTypes = ['entry', 'wait', 'branch', 'action', 'goal', 'exit'] as const;
export type NodeType = (typeof nodeTypes)[number];

/** What a node does; which members there are depends on type and kind (see the server's journey_graph.h). */
export interface Config {
  kind?: string;
  event?: string;
  payload?: Record<string, unknown>;
  where?: Condition | null;
  segment_id?: string | null;
  at?: string;
  again_days?: number;
  minutes?: number;
  from?: number;
  to?: number;
  days?: number[];
  workdays?: boolean;
  of?: string;
  branches?: { port: string; name: string; where: Condition | null }[];
  field?: string;
  values?: { port: string; value: string }[];
  shares?: { port: string; percent: number }[];
  action?: string;
  parameters?: Record<string, unknown>;
}

export interface GraphNode {
  id: string;
  type: NodeType;
  name?: string;
  x: number;
  y: number;
  config: Config;
}

export interface GraphEdge {
  from: string;
  port: string;
  to: string;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** A drawing as programs may send it: what a node lacks is still to be chosen, and without places it is laid out. */
export function graphFrom(draft: unknown): Graph {
  const { nodes = [], edges = [] } = (draft ?? {}) as { nodes?: Partial<GraphNode>[]; edges?: Partial<GraphEdge>[] };
  const graph = {
    nodes: nodes.map((node) => ({ ...node, x: node.x ?? 0, y: node.y ?? 0, config: node.config ?? {} }) as GraphNode),
    edges: edges.map((edge) => ({ ...edge, port: edge.port ?? 'next' }) as GraphEdge),
  };
  return nodes.every(({ x, y }) => typeof x === 'number' && typeof y === 'number') ? graph : arranged(graph);
}

/** The ways out of a node, in the order the server has them. */
export function portsOf({ type, config }: Pick<GraphNode, 'type' | 'config'>): string[] {
  if (type === 'goal' || type === 'exit') return [];
  if (type === 'wait' && config.kind === 'event') return ['event', 'timeout'];
  if (type === 'wait' && config.kind === 'condition') return ['met', 'timeout'];
  if (type !== 'branch') return ['next'];
  if (config.kind === 'mail') return ['replied', 'clicked', 'opened', 'none'];
  if (config.kind === 'random') return (config.shares ?? []).map(({ port }) => port);
  const named = config.kind === 'value' ? config.values ?? [] : config.branches ?? [];
  return [...named.map(({ port }) => port), 'else'];
}

/** An id no node has yet. */
export function freshId(graph: Graph): string {
  let n = graph.nodes.length + 1;
  while (graph.nodes.some(({ id }) => id === `n${n}`)) n += 1;
  return `n${n}`;
}

/** A port's id that the list does not have yet: a, b, c … */
export function freshPort(ports: string[]): string {
  const letter = [...'abcdefghijklmnopqrstuvwxyz'].find((candidate) => !ports.includes(candidate));
  return letter ?? `p${ports.length}`;
}

export const startConfigs: Record<string, { type: NodeType; config: Config }> = {
  entry_event: { type: 'entry', config: { kind: 'event', event: '' } },
  entry_segment: { type: 'entry', config: { kind: 'segment' } },
  entry_date: { type: 'entry', config: { kind: 'date' } },
  entry_manual: { type: 'entry', config: { kind: 'manual' } },
  wait_duration: { type: 'wait', config: { kind: 'duration', minutes: 1440 } },
  wait_window: { type: 'wait', config: { kind: 'window', from: 540, to: 1080, workdays: true } },
  wait_event: { type: 'wait', config: { kind: 'event', event: 'mail.clicked', minutes: 4320 } },
  wait_condition: { type: 'wait', config: { kind: 'condition', where: null, minutes: 20160 } },
  branch_condition: { type: 'branch', config: { kind: 'condition', branches: [{ port: 'a', name: '', where: null }] } },
  branch_value: { type: 'branch', config: { kind: 'value', field: 'tier', values: [{ port: 'a', value: '' }] } },
  branch_random: { type: 'branch', config: { kind: 'random', shares: [{ port: 'a', percent: 50 }, { port: 'b', percent: 50 }] } },
  branch_mail: { type: 'branch', config: { kind: 'mail' } },
  action: { type: 'action', config: { action: 'send_mail', parameters: {} } },
  goal: { type: 'goal', config: {} },
  exit: { type: 'exit', config: {} },
};

interface Place {
  x: number;
  y: number;
}

/** The room a card takes, with what is to be free around it. */
const cardWidth = 232;
const cardHeight = 112;
const step = 16;
const steps = 40;

/** The place nearest to this one where a card covers no other. */
export function freePlace(others: Place[], at: Place): Place {
  const covers = ({ x, y }: Place) => others.some((other) => Math.abs(other.x - x) < cardWidth && Math.abs(other.y - y) < cardHeight);
  if (!covers(at)) return at;
  let best: Place | null = null;
  let least = Infinity;
  for (let right = -steps; right <= steps; right += 1) {
    for (let down = -steps; down <= steps; down += 1) {
      const far = Math.hypot(right, down);
      const place = { x: at.x + right * step, y: at.y + down * step };
      if (far < least && !covers(place)) [best, least] = [place, far];
    }
  }
  return best ?? at;
}

/** A kind of node as the palette offers it: "wait_event", of an action its name too. */
export function withNode(graph: Graph, kind: string, at: { x: number; y: number }, action?: string): Graph {
  const start = startConfigs[kind];
  if (!start) return graph;
  const config = structuredClone(start.config);
  if (action) config.action = action;
  return { ...graph, nodes: [...graph.nodes, { id: freshId(graph), type: start.type, ...freePlace(graph.nodes, at), config }] };
}

/** A node taken out: where exactly one way led on, whatever led to it leads there now. */
export function withoutNode(graph: Graph, id: string): Graph {
  const out = graph.edges.filter(({ from }) => from === id);
  const onward = new Set(out.map(({ to }) => to)).size === 1 ? out[0]!.to : undefined;
  const edges = graph.edges.flatMap((edge) => {
    if (edge.from === id) return [];
    if (edge.to !== id) return [edge];
    return onward && onward !== edge.from ? [{ ...edge, to: onward }] : [];
  });
  return { nodes: graph.nodes.filter((node) => node.id !== id), edges };
}

/** A way out leads to one place only. */
export function withEdge(graph: Graph, edge: GraphEdge): Graph {
  if (edge.from === edge.to) return graph;
  const rest = graph.edges.filter(({ from, port }) => from !== edge.from || port !== edge.port);
  return { ...graph, edges: [...rest, edge] };
}

export function withoutEdge(graph: Graph, edge: Pick<GraphEdge, 'from' | 'port'>): Graph {
  return { ...graph, edges: graph.edges.filter(({ from, port }) => from !== edge.from || port !== edge.port) };
}

/** A node's new content; ways out that are no more lose their edges. */
export function withChange(graph: Graph, id: string, change: Partial<GraphNode>): Graph {
  const nodes = graph.nodes.map((node) => (node.id === id ? { ...node, ...change } : node));
  const changed = nodes.find((node) => node.id === id);
  const ports = changed ? portsOf(changed) : [];
  return { nodes, edges: graph.edges.filter(({ from, port }) => from !== id || ports.includes(port)) };
}

/** Nodes in rows by their distance from the entries, each row in the order of its parents. */
export function arranged(graph: Graph): Graph {
  const row = new Map<string, number>();
  const visit = (id: string, depth: number, path: string[]) => {
    if (path.includes(id) || (row.get(id) ?? -1) >= depth) return;
    row.set(id, depth);
    graph.edges.filter(({ from }) => from === id).forEach(({ to }) => visit(to, depth + 1, [...path, id]));
  };
  graph.nodes.filter(({ type }) => type === 'entry').forEach(({ id }) => visit(id, 0, []));
  const deepest = Math.max(0, ...row.values());
  const rows = new Map<number, string[]>();
  for (const { id } of graph.nodes) {
    const at = row.get(id) ?? deepest + 1;
    rows.set(at, [...(rows.get(at) ?? []), id]);
  }
  const x = new Map<string, number>();
  for (const depth of [...rows.keys()].sort((a, b) => a - b)) {
    const ids = rows.get(depth) ?? [];
    const wish = (id: string) => {
      const parents = graph.edges.filter(({ to }) => to === id).map(({ from }) => x.get(from)).filter((one) => one !== undefined);
      return parents.length > 0 ? parents.reduce((sum, one) => sum + one, 0) / parents.length : 0;
    };
    const order = [...ids].sort((a, b) => wish(a) - wish(b));
    order.forEach((id, index) => x.set(id, (index - (ids.length - 1) / 2) * 260));
  }
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, x: x.get(node.id) ?? 0, y: [...rows].find(([, ids]) => ids.includes(node.id))![0] * 130 })),
  };
}

/** Days, hours or minutes, whichever is whole. */
export function spanOf(minutes: number): { n: number; unit: 'day' | 'hour' | 'minute' } {
  if (minutes > 0 && minutes % 1440 === 0) return { n: minutes / 1440, unit: 'day' };
  if (minutes > 0 && minutes % 60 === 0) return { n: minutes / 60, unit: 'hour' };
  return { n: minutes, unit: 'minute' };
}
export const unitMinutes = { day: 1440, hour: 60, minute: 1 } as const;

/** Minutes of a day as "09:00". */
export function clockOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
