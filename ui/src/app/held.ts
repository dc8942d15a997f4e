import { useSyncExternalStore } from 'react';
import { heldBy } from '@/api/approvals';

/** A change that was refused because it wants an approval first. */
export interface Held {
  plural: string;
  recordId: string;
  title: string;
  process: string;
  changes: Record<string, unknown>;
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

export function useHeld(): Held | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => held,
  );
}
