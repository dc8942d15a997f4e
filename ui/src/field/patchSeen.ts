import { api, ApiError } from '@/api/client';
import { patchRecord } from '@/api/records';
import type { RecordRow } from '@/api/types';

/** Two people changed one field: both values and the one before. */
export class Conflict extends ApiError {
  readonly current: RecordRow;

  constructor(refused: ApiError, current: RecordRow) {
    super(refused.problem);
    this.current = current;
  }
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** The program itself changes records too (a score, an owner), at times several times a second. */
const mostTries = 5;

/**
 * Changes a record as it was seen. Where others have changed it since but not these fields, the change is
 * made on the newer version; where they did change one of these, a Conflict is thrown, unless `overwrite`.
 */
export async function patchSeen(plural: string, seen: RecordRow, changes: Record<string, unknown>, overwrite = false): Promise<RecordRow> {
  let { version } = seen;
  for (let tries = 1; ; tries += 1) {
    try {
      return await patchRecord(plural, seen.id, version, changes);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 412 || tries === mostTries) throw error;
      const current = await api.get<RecordRow>(`/${plural}/${seen.id}`, { expand: '*' });
      if (!overwrite && Object.keys(changes).some((name) => !same(current[name], seen[name]))) throw new Conflict(error, current);
      version = current.version;
    }
  }
}
