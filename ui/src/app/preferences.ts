import { useSyncExternalStore } from 'react';
import type { Language } from '@/api/types';

/** What a person chose for this browser. */
export interface Preferences {
  theme: 'light' | 'dark' | 'system';
  density: 'compact' | 'comfortable';
  language: Language | null;
  railCollapsed: boolean;
  /** Widths of columns in px, by record type and field; those not dragged follow the room there is. */
  widths: Record<string, Record<string, number>>;
}

const storageKey = 'guantong.preferences';
const initial: Preferences = { theme: 'system', density: 'compact', language: null, railCollapsed: false, widths: {} };

function read(): Preferences {
  try {
    return { ...initial, ...(JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Preferences>) };
  } catch {
    return initial;
  }
}

let current = read();
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function preferences(): Preferences {
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  localStorage.setItem(storageKey, JSON.stringify(current));
  listeners.forEach((listener) => listener());
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => window.matchMedia(query).matches,
  );
}

export function useDark(): boolean {
  const { theme } = usePreferences();
  const system = useMedia('(prefers-color-scheme: dark)');
  return theme === 'system' ? system : theme === 'dark';
}

export function useReducedMotion(): boolean {
  return useMedia('(prefers-reduced-motion: reduce)');
}

export type Size = 'phone' | 'narrow' | 'wide';

/** Which of the three layouts the window has room for; the widths are those of theme.ts and app.css. */
export function useSize(): Size {
  const phone = useMedia('(max-width: 639px)');
  const narrow = useMedia('(max-width: 1099px)');
  if (phone) return 'phone';
  return narrow ? 'narrow' : 'wide';
}

/** The language for the first screen: chosen here, else the browser's, else Chinese. */
export function startLanguage(): Language {
  if (current.language) return current.language;
  return navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh';
}
