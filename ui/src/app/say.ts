import { useSyncExternalStore } from 'react';

/** A sentence that passes: what happened, where it cannot be shown at the place it happened. */
export interface Said {
  key: number;
  text: string;
  tone: 'info' | 'warn' | 'bad';
}

const milliseconds = { info: 3000, warn: 8000, bad: 8000 };

let said: Said[] = [];
let counter = 0;
const listeners = new Set<() => void>();

function set(next: Said[]): void {
  said = next;
  listeners.forEach((listener) => listener());
}

function say(text: string, tone: Said['tone']): void {
  counter += 1;
  const key = counter;
  set([...said.slice(-2), { key, text, tone }]);
  setTimeout(() => unsay(key), milliseconds[tone]);
}

export function unsay(key: number): void {
  set(said.filter((sentence) => sentence.key !== key));
}

export const message = {
  info: (text: string) => say(text, 'info'),
  warning: (text: string) => say(text, 'warn'),
  error: (text: string) => say(text, 'bad'),
};

export function useSaid(): Said[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => said,
  );
}
