import { useSyncExternalStore } from 'react';

/** A stream that comes back at once, as when a computer wakes, is not worth a word. */
const patienceMilliseconds = 3000;

let connected = true;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function set(next: boolean): void {
  connected = next;
  listeners.forEach((listener) => listener());
}

/** What the stream says of the way to the server. */
export function heardState(isThere: boolean): void {
  if (!isThere) {
    timer ??= setTimeout(() => set(false), patienceMilliseconds);
    return;
  }
  clearTimeout(timer);
  timer = undefined;
  if (!connected) set(true);
}

/** Whether the server is there: what is on the screen is as it stands now. */
export function useConnected(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => connected,
  );
}
