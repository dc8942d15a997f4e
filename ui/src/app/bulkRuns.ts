import { useSyncExternalStore } from 'react';
import type { BulkProgress, BulkStep } from '@/api/records';

/** A change of many records that this window does or has done; the server keeps the same for a day. */
export interface BulkRun {
  /** Of the window, from the start; `id` is the server's, known after the first answer. */
  key: number;
  id: string | null;
  entity: string;
  action: string;
  undoing: boolean;
  progress: BulkProgress;
  state: 'running' | 'stopped' | 'done' | 'failed';
}

let runs: BulkRun[] = [];
let counter = 0;
const stopped = new Set<number>();
const listeners = new Set<() => void>();

function set(next: BulkRun[]): void {
  runs = next;
  listeners.forEach((listener) => listener());
}

function change(key: number, part: Partial<BulkRun>): void {
  set(runs.map((run) => (run.key === key ? { ...run, ...part } : run)));
}

/**
 * Follows work that goes on piece by piece, wherever the reader is meanwhile. The run stays in the list until
 * it is dismissed. Throws what the work throws.
 */
export async function followBulk(
  about: Pick<BulkRun, 'entity' | 'action' | 'undoing'>, work: (step: BulkStep) => Promise<BulkProgress>,
): Promise<BulkRun> {
  counter += 1;
  const key = counter;
  const progress: BulkProgress = { id: null, total: 0, done: 0, changed: 0, held: 0, failed: [] };
  set([...runs, { ...about, key, id: null, progress, state: 'running' }]);
  try {
    const end = await work((now) => {
      change(key, { progress: now, id: now.id });
      return !stopped.has(key);
    });
    change(key, { progress: end, id: end.id, state: end.done < end.total ? 'stopped' : 'done' });
  } catch (error) {
    change(key, { state: 'failed' });
    throw error;
  } finally {
    stopped.delete(key);
  }
  const run = runs.find((candidate) => candidate.key === key);
  if (!run) throw new Error('the run was dismissed while it went on');
  return run;
}

/** No further piece; what is done stays done. */
export function stopBulk(key: number): void {
  stopped.add(key);
}

export function dismissBulk(key: number): void {
  set(runs.filter((run) => run.key !== key || run.state === 'running'));
}

export function bulkRuns(): BulkRun[] {
  return runs;
}

export function useBulkRuns(): BulkRun[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    bulkRuns,
  );
}
