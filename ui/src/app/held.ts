import { useSyncExternalStore } from 'react';
import { heldBy } from '@/api/approvals';
import type { BulkProgress } from '@/api/records';
import type { Entity } from '@/api/types';

/** A change of one record, a new record, or a change of many, that was refused because it wants an approval first. */
export interface Held {
  plural: string;
  title: string;
  process: string;
  /** Of one record that is there. */
  recordId?: string;
  changes?: Record<string, unknown>;
  /** A verb of several records, held as a whole. */
  verb?: { name: 'convert'; parameters: Record<string, unknown> };
  /** Of a new one: what was filled in. */
  record?: Record<string, unknown>;
  /** Of many: the bulk change, and how many it holds. */
  bulk?: { id: string; count: number };
  /** It has been asked about. */
  onAsked?: () => void;
}

let held: Held | null = null;
const listeners = new Set<() => void>();

export function setHeld(next: Held | null): void {
  held = next;
  listeners.forEach((listener) => listener());
}

/** Offers to ask for the approval when that is why the change was refused; false when it was not. */
export function offerApproval(error: unknown, change: Omit<Held, 'process'>): boolean {
  const process = heldBy(error);
  if (process === null) return false;
  setHeld({ ...change, process });
  return true;
}

/** Offers to ask about those of many whose change was refused for that reason. */
export function offerMany(entity: Entity, id: string, progress: Pick<BulkProgress, 'held' | 'failed'>): void {
  if (progress.held === 0) return;
  const process = progress.failed.find(({ code }) => code === 'approval.needed')?.message ?? '';
  setHeld({ plural: entity.plural, title: entity.label, process, bulk: { id, count: progress.held } });
}

export function useHeld(): Held | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => held,
  );
}
