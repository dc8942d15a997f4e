import { useCallback, useRef, useState } from 'react';

const most = 100;

/** A value with what it was before: undo and redo. Changes under one key in a row count as one. */
export function useHistory<T>(initial: T) {
  const [value, setValue] = useState(initial);
  const past = useRef<T[]>([]);
  const future = useRef<T[]>([]);
  const lastKey = useRef<string | undefined>(undefined);
  const current = useRef(initial);
  const show = useCallback((next: T) => { current.current = next; setValue(next); }, []);
  const change = useCallback((next: T, key?: string) => {
    if (next === current.current) return;
    if (!key || key !== lastKey.current) past.current = [...past.current.slice(1 - most), current.current];
    lastKey.current = key;
    future.current = [];
    show(next);
  }, [show]);
  const step = useCallback((from: React.RefObject<T[]>, to: React.RefObject<T[]>) => {
    const next = from.current.pop();
    if (next === undefined) return;
    to.current = [...to.current, current.current];
    lastKey.current = undefined;
    show(next);
  }, [show]);
  return {
    value, change,
    undo: () => step(past, future), redo: () => step(future, past),
    canUndo: past.current.length > 0, canRedo: future.current.length > 0,
  };
}
