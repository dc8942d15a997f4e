import { lazy } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { refreshRecords } from '@/api/records';
import { useMay } from '@/api/session';
import type { Entity, RecordRow } from '@/api/types';
import { offerUndo } from '@/app/undo';
import { titleOf } from '@/field/references';
import { laterTexts } from '@/text/i18n';
import { linesOf, takenFields, type Draft, type Pair } from './pairs';

/** The record types of which two can be picked and made one. */
const mergeable = ['person', 'account', 'lead'];

export const MergeDialog = lazy(async () => (await Promise.all([import('./MergeDialog'), laterTexts()]))[0]);

export function useMayMerge(entity: Entity): boolean {
  return useMay()('duplicates:review') && mergeable.includes(entity.name) && !!entity.actions.update;
}

export interface Hit {
  id: string;
  title: string;
  subtitle?: string;
}

/** Records of the type by part of a name, number or company. */
export function useHits(entity: Entity, words: string) {
  return useQuery({
    queryKey: ['search', entity.name, words],
    queryFn: ({ signal }) => api.get<{ data: Hit[] }>('/search', { q: words, entity: entity.name, limit: 20 }, { signal }),
    enabled: words !== '',
    placeholderData: (previous) => previous,
  });
}

/** Two records beside each other, as they stand in the queue or as somebody picked them. */
export function usePicked(entity: Entity, one: string, other: string | null) {
  return useQuery({
    queryKey: ['duplicates', 'compare', entity.name, one, other],
    queryFn: () => api.get<Pair>('/duplicates/compare', { entity: entity.name, one, other }),
    enabled: other !== null,
    gcTime: 0,
  });
}

/** Makes two picked records one; it is taken back like any merge. */
export function useMerge(entity: Entity, onMerged: (winner: RecordRow) => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: ['duplicates'] }), refreshRecords(client, entity.plural)]);
  return useMutation({
    mutationFn: ({ pair, draft }: { pair: Pair; draft: Draft }) => api.post<Pair>('/duplicates/merge', {
      entity: entity.name, winner_id: pair.records[draft.winner].id, loser_id: pair.records[draft.winner === 0 ? 1 : 0].id,
      take: takenFields(linesOf(entity, pair), draft),
    }),
    onSuccess: ({ id }, { pair, draft }) => {
      const winner = pair.records[draft.winner];
      onMerged(winner);
      void refresh();
      offerUndo(t('duplicates.merged_said', { name: titleOf(entity, winner) }), async () => {
        await api.post(`/duplicates/${id}/reopen`);
        await refresh();
      });
    },
  });
}
