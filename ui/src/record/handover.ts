import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { refreshRecords } from '@/api/records';
import type { RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { useErrorText } from '@/part/ErrorNotice';

/** What gave the score when the lead was handed over. */
export interface HandoverReason {
  points: number;
  text: string;
  hits?: number;
}

/** How they came here, as it was known then. */
export interface HandoverPath {
  visits: number;
  pages: number;
  minutes: number;
  last_visit_at: string | null;
  touches: { at: string; source: string; campaign: string }[];
}

export function reasonsOf(handover: RecordRow): HandoverReason[] {
  return Array.isArray(handover.reasons) ? (handover.reasons as HandoverReason[]) : [];
}

export function pathOf(handover: RecordRow): HandoverPath | null {
  const path = handover.path as HandoverPath | null | undefined;
  return path && Array.isArray(path.touches) ? path : null;
}

/** Accepts a lead that was handed over, or gives it back with a reason. */
export function useAnswer(handover: RecordRow | { id: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const settled = () => Promise.all([
    refreshRecords(client, 'handovers'), refreshRecords(client, 'leads'), client.invalidateQueries({ queryKey: ['home'] }), client.invalidateQueries({ queryKey: ['handovers'] }),
  ]);
  const onError = (error: unknown) => message.error(errorText(error));
  const accept = useMutation({
    mutationFn: () => api.post<RecordRow>(`/handovers/${handover.id}/accept`),
    onSuccess: () => message.info(t('handover.accepted_said')),
    onError, onSettled: settled,
  });
  const giveBack = useMutation({
    mutationFn: (answer: { reason_id: string; note: string }) => api.post<RecordRow>(`/handovers/${handover.id}/return`, answer),
    onSuccess: () => message.info(t('handover.returned_said')),
    onError, onSettled: settled,
  });
  return { accept, giveBack };
}
