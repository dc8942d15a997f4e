import { useRef } from 'react';
import {
  useInfiniteQuery, useMutation, useMutationState, useQuery, useQueryClient, type InfiniteData,
} from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { refreshRecords } from '@/api/records';
import type { Entity, Page } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { titleOf } from '@/field/references';
import { useErrorText } from '@/part/ErrorNotice';
import { takenFields, linesOf, type Draft, type KindSummary, type Pair, type SearchResult, type State } from './pairs';

const keys = {
  all: ['duplicates'] as const,
  summary: ['duplicates', 'summary'] as const,
  pairs: (entity: string, state: State) => ['duplicates', 'pairs', entity, state] as const,
  search: (entity: string) => ['duplicates', 'search', entity] as const,
};

export function useSummary() {
  return useQuery({ queryKey: keys.summary, queryFn: async () => (await api.get<{ data: KindSummary[] }>('/duplicates/summary')).data });
}

export function usePairs(entity: string, state: State) {
  return useInfiniteQuery({
    queryKey: keys.pairs(entity, state),
    queryFn: ({ pageParam }) => api.get<Page<Pair>>('/duplicates', { entity, state, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** A search goes on while one is on another page; coming back one finds how far it is, or what it found. */
export function useSearchRun(entity: string) {
  const client = useQueryClient();
  const { mutate } = useMutation({
    mutationKey: keys.search(entity),
    mutationFn: () => api.post<SearchResult>('/duplicates/search', { entity }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.all }),
  });
  const latest = useMutationState({
    filters: { mutationKey: keys.search(entity) },
    select: ({ state: { status, data, error, submittedAt } }) => ({ status, data: data as SearchResult | undefined, error, since: submittedAt }),
  }).at(-1);
  return { start: () => mutate(), latest };
}

type Cached = InfiniteData<Page<Pair>> | undefined;

/** Decides on pairs: they leave the queue at once and come back when the server refuses or by undo. */
export function useVerdicts(entity: Entity) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const busy = useRef(new Set<string>());

  const drop = (pair: Pair) => client.setQueryData<Cached>(keys.pairs(pair.entity, pair.state), (cached) => cached && {
    ...cached, pages: cached.pages.map((page) => ({ ...page, data: page.data.filter(({ id }) => id !== pair.id) })),
  });
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: keys.all }), refreshRecords(client, entity.plural)]);
  /* The list the pair has left is right as it is; read again at once it would show what is being decided meanwhile. */
  const refreshOthers = (left: State) => Promise.all([
    client.invalidateQueries({ queryKey: keys.all, predicate: ({ queryKey }) => queryKey[1] !== 'pairs' || queryKey[3] !== left }),
    refreshRecords(client, entity.plural),
  ]);
  const decide = async (pair: Pair, verb: string, body: unknown, said: (reopen: () => Promise<unknown>) => void) => {
    if (busy.current.has(pair.id)) return;
    busy.current.add(pair.id);
    drop(pair);
    try {
      await api.post(`/duplicates/${pair.id}/${verb}`, body);
      said(async () => {
        await api.post(`/duplicates/${pair.id}/reopen`);
        await refresh();
      });
      void refreshOthers(pair.state);
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) message.warning(errorText(error));
      else message.error(errorText(error));
      void refresh();
    } finally {
      busy.current.delete(pair.id);
    }
  };
  const names = (pair: Pair) => ({ a: titleOf(entity, pair.records[0]), b: titleOf(entity, pair.records[1]) });
  return {
    merge: (pair: Pair, draft: Draft) => {
      const winner = pair.records[draft.winner];
      const body = { winner_id: winner.id, take: takenFields(linesOf(entity, pair), draft) };
      return decide(pair, 'merge', body, (reopen) => offerUndo(t('duplicates.merged_said', { name: titleOf(entity, winner) }), reopen));
    },
    distinct: (pair: Pair) =>
      decide(pair, 'distinct', undefined, (reopen) => offerUndo(t('duplicates.distinct_said', names(pair)), reopen)),
    reopen: (pair: Pair) => decide(pair, 'reopen', undefined, () => message.info(t('state.undone'))),
  };
}

interface SurePiece {
  merged: string[];
  next: string | null;
}

/** Merges all sure pairs, piece by piece; they are taken back together. */
export function useSure(entity: Entity) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: keys.all }), refreshRecords(client, entity.plural)]);
  return useMutation({
    mutationFn: async () => {
      const merged: string[] = [];
      let after: string | null = null;
      do {
        const piece: SurePiece = await api.post<SurePiece>('/duplicates/merge_sure', { entity: entity.name, ...(after && { after }) });
        merged.push(...piece.merged);
        after = piece.next;
      } while (after);
      return merged;
    },
    onSuccess: (merged) => offerUndo(t('duplicates.sure_said', { count: merged.length }), async () => {
      for (const id of merged.toReversed()) await api.post(`/duplicates/${id}/reopen`);
      await refresh();
    }),
    onSettled: refresh,
  });
}
