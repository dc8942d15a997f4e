import { useMemo } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel, type Model } from '@/api/meta';
import { refreshRecords } from '@/api/records';
import { useSession } from '@/api/session';
import type { Entity, Home, HomeItem, RecordRow } from '@/api/types';
import { offerUndo } from '@/app/undo';
import { message } from '@/app/say';
import { patchSeen } from '@/field/patchSeen';
import type { Formatter } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { instantOfWall } from '@/format/zone';
import { useErrorText } from '@/part/ErrorNotice';
import { queueOf, type Queue } from './queue';

export function useHome() {
  return useQuery({ queryKey: ['home'], queryFn: () => api.get<Home>('/home') });
}

export function useQueue(home: Home): Queue {
  return useMemo(() => queueOf(home.due), [home]);
}

/** The record an item is about: what a task hangs on, the lead that was handed over, else the item itself. */
export function subjectOf(model: Model, item: HomeItem): { entity: Entity; id: string } | null {
  const hangsOn = item.entity === 'task' ? item.record._refs?.subject_id : null;
  const handed = item.entity === 'handover' ? item.record.lead_id : null;
  const entity = model.named(handed ? 'lead' : hangsOn?.entity ?? item.entity);
  return entity ? { entity, id: typeof handed === 'string' ? handed : hangsOn?.id ?? item.id } : null;
}

/** Tomorrow at ten on the company's clock. */
function tomorrow(format: Formatter, timeZone: string): string {
  const day = format.dayKey(new Date(Date.now() + 86_400_000));
  return instantOfWall(`${day}T10:00`, timeZone);
}

/** Puts an item off to tomorrow, or ticks a task off; both can be taken back. */
export function useItemVerbs() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const model = useModel();
  const format = useFormat();
  const errorText = useErrorText();
  const { company } = useSession();

  const change = async (item: HomeItem, changes: Record<string, unknown>, said: string) => {
    const plural = model.named(item.entity)?.plural ?? '';
    const before = await api.get<RecordRow>(`/${plural}/${item.id}`);
    const after = await patchSeen(plural, before, changes);
    const old = Object.fromEntries(Object.keys(changes).map((name) => [name, before[name] ?? null]));
    const refresh = async () => {
      await client.invalidateQueries({ queryKey: ['home'] });
      await refreshRecords(client, plural);
    };
    void refresh();
    offerUndo(said, async () => {
      await patchSeen(plural, after, old);
      await refresh();
    });
  };
  const onError = (error: unknown) => message.error(errorText(error));
  const postpone = useMutation({
    mutationFn: (item: HomeItem) => {
      const field = item.entity === 'task' ? 'due_at' : 'next_follow_up_at';
      return change(item, { [field]: tomorrow(format, company.time_zone) }, t('home.postponed', { title: item.title }));
    },
    onError,
  });
  const finish = useMutation({
    mutationFn: (item: HomeItem) => change(item, { status: 'done' }, t('home.finished', { title: item.title })),
    onError,
  });
  return { postpone: postpone.mutate, finish: finish.mutate };
}
