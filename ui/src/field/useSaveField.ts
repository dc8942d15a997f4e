import { useCallback } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { patchRecord } from '@/api/records';
import type { Entity, Field, RecordRow } from '@/api/types';
import { offerApproval } from '@/app/held';
import { offerUndo } from '@/app/undo';
import { putRecord } from './putRecord';
import { titleOf } from './references';

/** Two people changed one field: both values and the one before. */
export class Conflict extends Error {
  readonly current: RecordRow;

  constructor(current: RecordRow) {
    super('conflict');
    this.current = current;
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/**
 * Saves one field at once and offers to take it back. When somebody changed the record meanwhile but not
 * this field, the change is simply repeated on the newer version; else a Conflict is thrown.
 */
export function useSaveField(entity: Entity) {
  const client = useQueryClient();
  const { t } = useTranslation();
  return useCallback(async (record: RecordRow, field: Field, value: unknown, overwrite = false): Promise<RecordRow> => {
    const before = record[field.name];
    const write = (version: number, next: unknown) => patchRecord(entity.plural, record.id, version, { [field.name]: next });
    let saved: RecordRow;
    try {
      saved = await write(record.version, value);
    } catch (error) {
      offerApproval(error, { plural: entity.plural, recordId: record.id, title: titleOf(entity, record), changes: { [field.name]: value } });
      if (!(error instanceof ApiError) || error.status !== 412) throw error;
      const current = await api.get<RecordRow>(`/${entity.plural}/${record.id}`, { expand: '*' });
      if (!overwrite && !same(current[field.name], before)) throw new Conflict(current);
      saved = await write(current.version, value);
    }
    putRecord(client, entity.plural, saved);
    const undo = async () => putRecord(client, entity.plural, await write(saved.version, before ?? null));
    offerUndo(t('record.changed', { field: field.label, record: titleOf(entity, saved) }), undo);
    return saved;
  }, [client, entity, t]);
}
