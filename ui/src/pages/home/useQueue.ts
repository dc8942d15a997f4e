import { useMemo } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel, type Model } from '@/api/meta';
import { patchRecord, refreshRecords } from '@/api/records';
import { useSession } from '@/api/session';
import type { Entity, Home, HomeItem, RecordRow } from '@/api/types';
import { offerUndo } from '@/app/undo';
import { message } from '@/app/say';
import type { Formatter } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { instantOfWall } from '@/format/zone';
import { useErrorText } from '@/part/ErrorNotice';

export const groups = ['new', 'overdue', 'today'] as const;
export type Group = (typeof groups)[number];

export function groupOf(item: HomeItem): Group {
  if (item.kind === 'new_lead') return 'new';
  return item.overdue ? 'overdue' : 'today';
}

export interface Queue {
  items: HomeItem[];
  byGroup: Map<Group, HomeItem[]>;
}

export function useHome() {
  return useQuery({ queryKey: ['home'], queryFn: () => api.get<Home>('/home') });
}

/** The items in the order they are worked: by group, within it the one that waits longest first. */
export function useQueue(home: Home | undefined): Queue {
  return useMemo(() => {
    const byGroup = new Map<Group, HomeItem[]>();
    for (const group of groups) {
      const members = (home?.due ?? []).filter((item) => groupOf(item) === group)
        .sort((a, b) => (a.at ?? '').localeCompare(b.at ?? ''));
      if (members.length > 0) byGroup.set(group, members);
    }
    return { byGroup, items: [...byGroup.values()].flat() };
  }, [home]);
}

export function itemKey(item: HomeItem): string {
  return `${item.entity}-${item.id}`;
}

/** The record an item is about: what a task hangs on, else the item itself. */
export function subjectOf(model: Model, item: HomeItem): { entity: Entity; id: string } | null {
  const hangsOn = item.entity === 'task' ? item.record._refs?.subject_id : null;
  const entity = model.named(hangsOn?.entity ?? item.entity);
  return entity ? { entity, id: hangsOn?.id ?? item.id } : null;
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
    const after = await patchRecord(plural, item.id, before.version, changes);
    const old = Object.fromEntries(Object.keys(changes).map((name) => [name, before[name] ?? null]));
    const refresh = async () => {
      await client.invalidateQueries({ queryKey: ['home'] });
      await refreshRecords(client, plural);
    };
    void refresh();
    offerUndo(said, async () => {
      await patchRecord(plural, item.id, after.version, old);
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
