import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { ActionKind } from '@/pages/settings/automation';
import { graphFrom, type Graph } from './graph';

export interface Mark {
  node: string;
  message: string;
}

export interface MailTotals {
  waiting: number;
  sent: number;
  opened: number;
  clicked: number;
  machine: number;
  replied: number;
  bounced: number;
  unsubscribed: number;
  not_sent: number;
  unsure: number;
}

export interface Figures {
  held: string;
  here: Record<string, number>;
  totals: { node: string; what: string; n: number }[];
  mails: Record<string, MailTotals>;
}

export interface Run {
  id: string;
  person_id: string | null;
  person: string;
  node: string;
  version: number;
  entered_at: string;
  arrived_at: string;
  due_at: string | null;
  ended_at: string | null;
  how: string;
}

export interface Version {
  version: number;
  at: string;
  graph: Graph;
  active: number;
}

export interface Trial {
  enters: boolean;
  steps: { node: string; at: string; port: string; not_sent: string }[];
}

export interface Replay {
  events: number;
  people: number;
  /** Of them, who would be waiting still. */
  waiting: number;
  all: boolean;
  nodes: Record<string, number>;
}

const seconds = 1000;

/** The figures on the nodes, read again while somebody looks. */
export function useFigures(id: string, live: boolean) {
  return useQuery({
    queryKey: ['journey', id, 'figures'], queryFn: () => api.get<Figures>(`/journeys/${id}/figures`),
    refetchInterval: live ? 5 * seconds : false,
  });
}

export interface Step {
  node: string;
  at: string;
  what: string;
  detail: string;
}

export function useRuns(id: string, node: string | null, state: 'active' | 'ended') {
  return useInfiniteQuery({
    queryKey: ['journey', id, 'runs', node, state],
    queryFn: ({ pageParam }) => api.get<{ data: Run[]; next: string | null }>(`/journeys/${id}/runs`, { node, state, before: pageParam }),
    initialPageParam: null as string | null, getNextPageParam: (page) => page.next, refetchInterval: 10 * seconds,
  });
}

export function useSteps(id: string, run: string) {
  return useQuery({
    queryKey: ['journey', id, 'steps', run], queryFn: async () => (await api.get<{ data: Step[] }>(`/journeys/${id}/runs/${run}/steps`)).data,
    refetchInterval: 10 * seconds,
  });
}

export function useVersions(id: string) {
  return useQuery({ queryKey: ['journey', id, 'versions'], queryFn: async () => (await api.get<{ data: Version[] }>(`/journeys/${id}/versions`)).data.map((one) => ({ ...one, graph: graphFrom(one.graph) })) });
}

/** What is still to be put right, asked anew a moment after the last change. */
export function useMarks(entity: string, draft: Graph) {
  return useQuery({
    queryKey: ['journey', 'check', entity, draft],
    queryFn: async () => (await api.post<{ marks: Mark[] }>('/journeys/check', { entity_name: entity, draft })).marks,
    placeholderData: (previous) => previous,
    staleTime: 60 * seconds,
  });
}

export function useActionKinds() {
  return useQuery({ queryKey: ['actions'], queryFn: async () => (await api.get<{ data: ActionKind[] }>('/actions')).data, staleTime: 60 * seconds });
}

/** How often a node was come to, or left by a port. */
export function totalOf(figures: Figures | undefined, node: string, what: string): number {
  return figures?.totals.find((total) => total.node === node && total.what === what)?.n ?? 0;
}

/** How many people stand in it now. */
export const within = (figures: Figures): number => Object.values(figures.here).reduce((sum, n) => sum + n, 0);

/** How often people came in at its entry, or left it by the goal. */
export function reached(figures: Figures, what: 'in' | 'goal'): number {
  if (what === 'goal') return totalOf(figures, '', 'end:goal');
  return within(figures) + figures.totals.filter(({ node, what: kind }) => node === '' && kind.startsWith('end:')).reduce((sum, { n }) => sum + n, 0);
}
