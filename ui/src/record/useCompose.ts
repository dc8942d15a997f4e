import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { recordKeys } from '@/api/records';
import type { Entity, RecordRow } from '@/api/types';
import { keepDraft } from '@/app/drafts';
import { offerUndo } from '@/app/undo';
import { namedIn, type Named } from './mentions';
import type { PlaceValue } from './Place';

export const composeKinds = ['note', 'call', 'visit', 'meeting', 'mail', 'message', 'task'] as const;
export type ComposeKind = (typeof composeKinds)[number];

export interface Draft {
  kind: ComposeKind;
  text: string;
  outcome: string | null;
  minutes: number | null;
  next: string | null;
  /** Who was chosen behind an "@"; who still stands in the text is told. */
  named: Named[];
  where: PlaceValue;
}

export const emptyDraft: Draft = { kind: 'note', text: '', outcome: null, minutes: null, next: null, named: [], where: { place: '', at: null } };

function whereOf({ place, at }: PlaceValue) {
  return {
    ...(place.trim() ? { place: place.trim() } : {}),
    ...(at ? { latitude: at.latitude.toFixed(6), longitude: at.longitude.toFixed(6) } : {}),
  };
}

function bodyOf(draft: Draft, about: Record<string, string>, owner: string) {
  if (draft.kind === 'task') {
    return { title: draft.text.trim(), due_at: draft.next, status: 'open', owner_id: owner, ...about };
  }
  return {
    type: draft.kind, content: draft.text.trim(), ...about,
    ...(draft.outcome ? { outcome: draft.outcome } : {}),
    ...(draft.minutes ? { duration_seconds: draft.minutes * 60 } : {}),
    ...(draft.next ? { next_follow_up_at: draft.next } : {}),
    ...(draft.named.length > 0 ? { mentions: namedIn(draft.text, draft.named) } : {}),
    ...(draft.kind === 'visit' ? whereOf(draft.where) : {}),
  };
}

/** Where what was begun about a record waits. */
export const draftPlace = (entity: Entity, record: RecordRow) => `${entity.plural}/${record.id}`;

/** Writes down what was done or is to be done with a record. */
export function useCompose(entity: Entity, record: RecordRow, owner: string) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refresh = () => Promise.all([
    client.invalidateQueries({ queryKey: recordKeys.one(entity.plural, record.id) }),
    client.invalidateQueries({ queryKey: recordKeys.lists(entity.plural) }),
    client.invalidateQueries({ queryKey: ['timeline', entity.plural, record.id] }),
    client.invalidateQueries({ queryKey: ['records', 'tasks'] }),
    client.invalidateQueries({ queryKey: ['home'] }),
  ]);
  return useMutation({
    mutationFn: (draft: Draft) => api.post<RecordRow>(
      draft.kind === 'task' ? '/tasks' : '/activities', bodyOf(draft, { subject_type: entity.name, subject_id: record.id }, owner),
    ),
    onSuccess: (written, draft) => {
      keepDraft(draftPlace(entity, record), null);
      void refresh();
      offerUndo(t(draft.kind === 'task' ? 'composer.task_made' : 'composer.noted'), async () => {
        await api.delete(`/${draft.kind === 'task' ? 'tasks' : 'activities'}/${written.id}`);
        await refresh();
      });
    },
  });
}
