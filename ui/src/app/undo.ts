import { useSyncExternalStore } from 'react';

/** Something just done that can be taken back. */
export interface Undoable {
  key: number;
  text: string;
  undo: () => Promise<unknown>;
}

/** A sentence shown for some seconds, with its undo when there is one. */
let latest: Undoable | null = null;
let counter = 0;
const listeners = new Set<() => void>();

function emit(): void {
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Offers to take back what was just done: ten seconds in view, then in the foot of lists, and by Z. */
export function offerUndo(text: string, undo: () => Promise<unknown>): void {
  counter += 1;
  latest = { key: counter, text, undo };
  emit();
}

/** Takes the latest offer; it can be taken once. */
export function takeUndo(): Undoable | null {
  const taken = latest;
  latest = null;
  emit();
  return taken;
}

export function useUndoable(): Undoable | null {
  return useSyncExternalStore(subscribe, () => latest);
}
