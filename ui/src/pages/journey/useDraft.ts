import { useCallback, useEffect, useRef, useState } from 'react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { patchRecord, recordKeys, refreshRecords } from '@/api/records';
import type { RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { useErrorText } from '@/part/ErrorNotice';
import type { Graph } from './graph';

const saveAfterMs = 800;

/** Changes of the journey one after the other, each on the version the one before made. */
function useInTurn(record: RecordRow) {
  const client = useQueryClient();
  const version = useRef(record.version);
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const took = useCallback((saved: RecordRow) => {
    version.current = saved.version;
    client.setQueryData(recordKeys.one('journeys', record.id), saved);
  }, [client, record.id]);
  const put = useCallback((change: Record<string, unknown>) => {
    const next = last.current.catch(() => undefined).then(() => patchRecord('journeys', record.id, version.current, change)).then(took);
    last.current = next;
    return next;
  }, [record.id, took]);
  return { put, took };
}

/** The draft is kept a moment after each change; what is on the server is never older than that. */
export function useDraft(record: RecordRow, graph: Graph) {
  const errorText = useErrorText();
  const { put, took } = useInTurn(record);
  const latest = useRef(graph);
  latest.current = graph;
  const sent = useRef<Graph | null>(graph);
  const kept = useRef(graph);
  const [state, setState] = useState<'saved' | 'saving' | 'failed'>('saved');
  const save = () => {
    const draft = latest.current;
    if (draft === sent.current) return;
    sent.current = draft;
    put({ draft }).then(() => {
      kept.current = draft;
      if (draft === latest.current) setState('saved');
    }).catch((error: Error) => {
      if (draft === sent.current) sent.current = null;
      setState('failed');
      message.error(errorText(error));
    });
  };
  useEffect(() => {
    setState(graph === kept.current && graph === sent.current ? 'saved' : 'saving');
    const timer = setTimeout(save, saveAfterMs);
    return () => clearTimeout(timer);
  }, [graph]);
  // Whoever leaves right after a change loses nothing.
  useEffect(() => save, []);
  return { state, put, took };
}

/** Pause, resume, stop, publish, delete. */
export function useVerbs(record: RecordRow, took: (saved: RecordRow) => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const refresh = async () => {
    took(await api.get<RecordRow>(`/journeys/${record.id}`, { expand: '*' }));
    await Promise.all([client.invalidateQueries({ queryKey: ['journey', record.id] }), refreshRecords(client, 'journeys')]);
  };
  const turn = useMutation({ mutationFn: (verb: 'pause' | 'resume' | 'stop') => api.post(`/journeys/${record.id}/${verb}`), onSuccess: refresh });
  const publish = useMutation({ mutationFn: (move: boolean) => api.post<{ version: number }>(`/journeys/${record.id}/publish`, { move }), onSuccess: refresh });
  const remove = useMutation({
    mutationFn: () => api.delete(`/journeys/${record.id}`),
    onSuccess: async () => {
      offerUndo(t('settings.removed', { name: String(record.name) }), async () => { await api.post(`/journeys/${record.id}/restore`); await refreshRecords(client, 'journeys'); });
      await refreshRecords(client, 'journeys');
      await navigate('/journeys', { replace: true });
    },
  });
  return { turn, publish, remove };
}
