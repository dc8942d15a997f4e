import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { refreshRecords } from '@/api/records';
import type { Condition, Entity, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { useErrorText } from '@/part/ErrorNotice';

export type Dimension = 'basic' | 'behaviour' | 'transaction' | 'interest';
export const dimensions: Dimension[] = ['basic', 'behaviour', 'transaction', 'interest'];

export interface Tagging {
  id: string;
  name: string;
  dimension: Dimension;
  colour: string;
  source: string;
  at: string;
  expires_at: string | null;
  by: string;
}

export interface Taggings {
  data: Tagging[];
  may_change: boolean;
}

export interface Preset {
  code: string;
  name: string;
  dimension: Dimension;
  colour: string;
  entity_name: string;
  words: string;
  tag_id: string | null;
}

export interface TagRow extends RecordRow {
  name: string;
  dimension: Dimension;
  colour: string;
  description: string | null;
  expires_after_days: number | null;
  entity_name: string;
  condition: Condition | null;
  rule_on: boolean;
}

/** Records of these types carry tags. */
export const carriers = ['person', 'lead', 'account'];

/** The tone of the design system that stands for a colour of a tag. */
export function toneOf(colour: string): string {
  return { teal: 'info', blue: 'info', green: 'ok', amber: 'warn', red: 'bad' }[colour] ?? 'idle';
}

/** How many records of each type carry a tag: by plural, then by tag. */
export function useTotals() {
  return useQuery({ queryKey: ['tags', 'totals'], queryFn: () => api.get<Record<string, Record<string, number>>>('/tags/totals') });
}

export function usePresets(enabled: boolean) {
  const { i18n } = useTranslation();
  return useQuery({ queryKey: ['tags', 'presets', i18n.language], enabled, queryFn: async () => (await api.get<{ data: Preset[] }>('/tags/presets')).data });
}

const key = (entity: Entity, id: string) => ['taggings', entity.plural, id];

export function useTaggings(entity: Entity, id: string) {
  return useQuery({ queryKey: key(entity, id), queryFn: () => api.get<Taggings>(`/${entity.plural}/${id}/tags`) });
}

/** Puts tags on one record and takes them off; what was taken off can be put back. */
export function useTagging(entity: Entity, id: string) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const change = async (verb: 'tags' | 'untag', tag: string) => {
    client.setQueryData(key(entity, id), await api.post<Taggings>(`/${entity.plural}/${id}/${verb}`, { tag }));
    void client.invalidateQueries({ queryKey: ['tags'] });
  };
  const failed = (failure: unknown) => message.error(errorText(failure));
  const put = useMutation({ mutationFn: (tag: string) => change('tags', tag), onError: failed });
  const take = useMutation({
    mutationFn: (tag: Tagging) => change('untag', tag.id), onError: failed,
    onSuccess: (_, tag) => offerUndo(t('tag.taken_said', { name: tag.name }), () => change('tags', tag.id)),
  });
  return { put, take };
}

interface ManyResult {
  ids: string[];
  changed: number;
  left: number;
  remaining: number;
}

export interface Target {
  ids?: string[] | null;
  where?: Condition | null;
}

/** Puts a tag on many records, some hundreds at a time, or takes it off; undone by the ids that changed. */
export function useTagMany(entity: Entity) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const refresh = () => Promise.all([refreshRecords(client, entity.plural), client.invalidateQueries({ queryKey: ['tags'] })]);
  const run = async (target: Target, tag: string, remove: boolean): Promise<string[]> => {
    const changed: string[] = [];
    const parts: Target[] = target.ids ? piecesOf(target.ids, 500).map((ids) => ({ ids })) : [{ where: target.where?? { all: [] } }];
    for (const part of parts) {
      for (;;) {
        const done = await api.post<ManyResult>(`/${entity.plural}/tags`, { ...part, tag, remove });
        changed.push(...done.ids);
        if (done.remaining === 0 || done.changed === 0) break;
      }
    }
    return changed;
  };
  return async (target: Target, tag: string, name: string, remove: boolean) => {
    try {
      const ids = await run(target, tag, remove);
      await refresh();
      if (ids.length === 0) { message.info(t('tag.nothing_changed')); return; }
      offerUndo(t(remove ? 'tag.many_taken' : 'tag.many_put', { name, count: ids.length }), async () => { await run({ ids }, tag, !remove); await refresh(); });
    } catch (failure) {
      message.error(errorText(failure));
    }
  };
}

export function piecesOf<T>(items: T[], size: number): T[][] {
  const pieces: T[][] = [];
  for (let at = 0; at < items.length; at += size) pieces.push(items.slice(at, at + size));
  return pieces;
}
