import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { readPage, recordKeys } from '@/api/records';
import { api } from '@/api/client';
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
  const list = { where: { field: 'pipeline_id', op: 'eq', value: pipelineId }, sort: 'position', limit: 50 };
  return useQuery({
    queryKey: recordKeys.list('stages', { pipeline: pipelineId }),
    queryFn: () => readPage('stages', list),
    enabled: !!pipelineId,
    staleTime: 60_000,
    select: (page) => page.data.map((stage) => ({ ...stage, name: nameIn(stage, i18n.language) })) as Stage[],
  });
}

/** Moves a deal; refused with 422 naming the fields that are asked for on arrival. */
export function moveDeal(deal: RecordRow, stageId: string, fields: Record<string, unknown>): Promise<RecordRow> {
  return api.post<RecordRow>(`/opportunities/${deal.id}/move`, { stage_id: stageId, fields });
}

/** Fields a stage asks for that the deal does not have yet; a lost one also needs its reason. */
export function missingFields(deal: RecordRow, stage: Stage): string[] {
  const wanted = Array.isArray(stage.required_fields) ? stage.required_fields : [];
  const all = stage.kind === 'lost' ? [...wanted, 'lost_reason_id'] : wanted;
  return [...new Set(all)].filter((name) => deal[name] === null || deal[name] === undefined || deal[name] === '');
}
