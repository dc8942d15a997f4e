import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { readAll, recordKeys } from '@/api/records';
import { api, ApiError } from '@/api/client';
import type { RecordRow } from '@/api/types';
import { nameIn } from '@/field/references';

export interface Stage extends RecordRow {
  name: string;
  kind: 'open' | 'won' | 'lost';
  position: number;
  /** Names of fields of the deal that must be known on entry. */
  required_fields: string[] | null;
}

/** The stages of a pipeline in their order. */
export function useStages(pipelineId: string | null) {
  const { i18n } = useTranslation();
  const list = { where: { field: 'pipeline_id', op: 'eq', value: pipelineId }, sort: 'position' };
  return useQuery({
    queryKey: recordKeys.list('stages', { pipeline: pipelineId }),
    queryFn: () => readAll('stages', list),
    enabled: !!pipelineId,
    staleTime: 60_000,
    select: (page) => page.data.map((stage) => ({ ...stage, name: nameIn(stage, i18n.language) })) as Stage[],
  });
}

/** Somebody else has moved the deal since it was read; where it stands now. */
export class MovedMeanwhile extends Error {
  readonly deal: RecordRow;

  constructor(deal: RecordRow) {
    super('moved meanwhile');
    this.deal = deal;
  }
}

const isStale = (error: unknown) => error instanceof ApiError && (error.status === 412 || error.problem.code === 'record.stale');

/**
 * Moves a deal from where it was seen; refused with 422 naming the fields that are asked for on arrival. What else of
 * it was changed meanwhile is nothing to the move, another move is: that one stands.
 */
export async function moveDeal(deal: RecordRow, stageId: string, fields: Record<string, unknown>): Promise<RecordRow> {
  const send = (version: number) => api.post<RecordRow>(`/opportunities/${deal.id}/move`, { stage_id: stageId, fields }, { version });
  try {
    return await send(deal.version);
  } catch (error) {
    if (!isStale(error)) throw error;
    const now = await api.get<RecordRow>(`/opportunities/${deal.id}`, { expand: 'stage_id' });
    if (now.stage_id !== deal.stage_id) throw new MovedMeanwhile(now);
    return send(now.version);
  }
}

/** Fields a stage asks for that the deal does not have yet; a lost one also needs its reason. */
export function missingFields(deal: RecordRow, stage: Stage): string[] {
  const wanted = Array.isArray(stage.required_fields) ? stage.required_fields : [];
  const all = stage.kind === 'lost' ? [...wanted, 'lost_reason_id'] : wanted;
  return [...new Set(all)].filter((name) => deal[name] === null || deal[name] === undefined || deal[name] === '');
}
