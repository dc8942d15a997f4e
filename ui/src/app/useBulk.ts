import { useMemo } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { bulk, continueBulk, refreshRecords, undoBulk, type BulkRequest } from '@/api/records';
import type { Entity } from '@/api/types';
import { useErrorText } from '@/part/ErrorNotice';
import { followBulk, type BulkRun } from './bulkRuns';
import { offerMany } from './held';
import { message } from './say';
import { offerUndo } from './undo';

export type BulkAction = BulkRequest['action'];

export interface Bulk {
  start: (entity: Entity, request: BulkRequest) => Promise<void>;
  goOn: (entity: Entity, action: BulkAction, id: string) => Promise<void>;
  undo: (entity: Entity, action: BulkAction, id: string) => Promise<void>;
}

/** Changes of many records, which go on while the reader is on other pages; afterwards their undo is offered. */
export function useBulk(): Bulk {
  const client = useQueryClient();
  const { t } = useTranslation();
  const errorText = useErrorText();
  return useMemo(() => {
    const refresh = (entity: Entity) => Promise.all([refreshRecords(client, entity.plural), client.invalidateQueries({ queryKey: ['bulk'] })]);
    const follow = async (entity: Entity, action: BulkAction, undoing: boolean, work: Parameters<typeof followBulk>[1]): Promise<BulkRun | null> => {
      try {
        return await followBulk({ entity: entity.name, action, undoing }, work);
      } catch (error) {
        message.error(errorText(error));
        return null;
      } finally {
        void refresh(entity);
      }
    };
    const undo: Bulk['undo'] = async (entity, action, id) => {
      await follow(entity, action, true, (step) => undoBulk(id, step));
    };
    const offer = (entity: Entity, action: BulkAction, run: BulkRun | null) => {
      if (!run?.id) return;
      const { id } = run;
      offerMany(entity, id, run.progress);
      if (run.progress.changed === 0) return;
      offerUndo(t(`bulk.done_${action}`, { count: run.progress.changed, entity: entity.label }), () => undo(entity, action, id));
    };
    return {
      undo,
      start: async (entity, request) => offer(entity, request.action, await follow(entity, request.action, false, (step) => bulk(entity.plural, request, step))),
      goOn: async (entity, action, id) => offer(entity, action, await follow(entity, action, false, (step) => continueBulk(id, step))),
    };
  }, [client, errorText, t]);
}
