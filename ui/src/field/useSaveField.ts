import { useCallback } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Entity, Field, RecordRow } from '@/api/types';
import { offerApproval } from '@/app/held';
import { offerUndo } from '@/app/undo';
import { patchSeen } from './patchSeen';
import { putRecord } from './putRecord';
import { titleOf } from './references';

/** Saves one field at once and offers to take it back. */
export function useSaveField(entity: Entity) {
  const client = useQueryClient();
  const { t } = useTranslation();
  return useCallback(async (record: RecordRow, field: Field, value: unknown, overwrite = false): Promise<RecordRow> => {
    const before = record[field.name] ?? null;
    const changes = { [field.name]: value };
    const saved = await patchSeen(entity.plural, record, changes, overwrite).catch((error: unknown) => {
      offerApproval(error, { plural: entity.plural, recordId: record.id, title: titleOf(entity, record), changes });
      throw error;
    });
    putRecord(client, entity.plural, saved);
    const undo = async () => putRecord(client, entity.plural, await patchSeen(entity.plural, saved, { [field.name]: before }));
    offerUndo(t('record.changed', { field: field.label, record: titleOf(entity, saved) }), undo);
    return saved;
  }, [client, entity, t]);
}
