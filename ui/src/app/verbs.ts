import { useEffect, useRef } from 'react';
import type { IconName } from '@/part/icons';

/** Something the page in view can do, offered in the command palette as well. */
export interface Verb {
  key: string;
  icon: IconName;
  title: string;
  /** The key that does it without the palette. */
  hotkey?: string;
  run: () => void;
}

const offered = new Map<object, Verb[]>();

/** Offers verbs as long as the part that calls it is in view. */
export function useVerbs(verbs: Verb[]): void {
  const place = useRef({});
  useEffect(() => {
    const own = place.current;
    offered.set(own, verbs);
    return () => { offered.delete(own); };
  });
}

export function offeredVerbs(): Verb[] {
  return [...offered.values()].flat();
}
