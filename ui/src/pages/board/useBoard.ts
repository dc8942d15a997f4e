import { useCallback } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { recordKeys } from '@/api/records';
import type { Condition } from '@/api/types';
import { useStageMove } from '@/sales/useStageMove';
import { withMoved, type BoardData } from './board';

const cardsPerColumn = 20;

/** The board of a pipeline (the standard one without an id), and moves that show at once. */
export function useBoard(where: Condition | null, pipelineId: string | null) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: [...recordKeys.board('opportunities'), pipelineId, where],
    queryFn: () => api.get<BoardData>('/opportunities/board', {
      pipeline_id: pipelineId, where: where ? JSON.stringify(where) : undefined, limit: cardsPerColumn,
    }),
    placeholderData: (previous) => previous,
  });
  const onMove = useCallback((dealId: string, stageId: string) => {
    client.setQueriesData<BoardData>({ queryKey: recordKeys.board('opportunities') }, (board) =>
      board && withMoved(board, dealId, stageId, new Date().toISOString()));
  }, [client]);
  return { ...query, ...useStageMove(onMove) };
}
