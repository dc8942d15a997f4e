import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { useAllRecords } from '@/api/records';
import type { Condition, RecordRow } from '@/api/types';
import { spells } from '@/text/pinyin';

/** A share with how sure it is. */
export interface Share {
  value: string;
  low: string;
  high: string;
  known: number;
}

export interface Tally {
  used: number;
  judged: number;
  /** Enough results to speak of a share. */
  enough: boolean;
  replied: Share | null;
  planned: Share | null;
  moved: Share | null;
}

export interface Statistics {
  days: number;
  least: number;
  all: Tally;
  data: (Tally & { id: string; favourite: boolean })[];
}

export interface Use {
  id: string;
  at: string;
  by: string;
  revision: number;
  entity: string;
  subject_id: string;
  title: string;
  replied: boolean | null;
  planned: boolean | null;
  moved: boolean | null;
}

export const useStatistics = () => useQuery({ queryKey: ['scripts', 'statistics'], queryFn: () => api.get<Statistics>('/scripts/statistics') });
export const useUses = (id: string) => useQuery({ queryKey: ['scripts', 'uses', id], queryFn: () => api.get<{ data: Use[] }>(`/scripts/${id}/uses`) });

/** What was typed, found by words, and in titles by pinyin and initials from any place on; null while nothing is typed. */
export function useFound(typed: string) {
  const { data: all } = useAllRecords('scripts', { fields: ['title'] }, typed !== '');
  const { data } = useQuery({
    queryKey: ['scripts', 'search', typed], enabled: typed !== '', placeholderData: (previous) => previous,
    queryFn: () => api.get<{ data: { id: string }[] }>('/search', { q: typed, entity: 'script', limit: 50 }),
  });
  const spelled = (all?.data ?? []).filter(({ title }) => spells(typed.toLowerCase(), String(title)));
  return typed === '' ? null : [...new Set([...(data?.data ?? []), ...spelled].map(({ id }) => id))];
}

export interface Asked {
  scene: string;
  objection: string;
  industry: string;
  whose: 'all' | 'mine' | 'favourite';
}

const none: Condition = { field: 'id', op: 'in', value: ['1'] };

/** The condition of the list for what is asked. */
export function whereOf(asked: Asked, found: string[] | null, favourites: string[], me: string): Condition | null {
  const all: Condition[] = [];
  if (asked.scene) all.push({ field: 'scene', op: 'eq', value: asked.scene });
  if (asked.objection) all.push({ field: 'objection', op: 'eq', value: asked.objection });
  if (asked.industry) all.push({ field: 'industry', op: 'eq', value: asked.industry });
  if (asked.whose === 'mine') all.push({ field: 'owner_id', op: 'eq', value: me });
  if (asked.whose === 'favourite') all.push(favourites.length > 0 ? { field: 'id', op: 'in', value: favourites } : none);
  if (found) all.push(found.length > 0 ? { field: 'id', op: 'in', value: found } : none);
  return all.length > 0 ? { all } : null;
}

/** Marks a script as a favourite, or takes the mark away. */
export function useFavourite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, on }: { id: string; on: boolean }) => (on ? api.put(`/scripts/${id}/favourite`) : api.delete(`/scripts/${id}/favourite`)),
    onSuccess: () => client.invalidateQueries({ queryKey: ['scripts'] }),
  });
}

export type ScriptRow = RecordRow;
