import { useCallback, useMemo, useState } from 'react';
import type { Condition } from '@/api/types';

/** Which rows are meant: some by id, or all a filter finds. */
export interface Selection {
  ids: ReadonlySet<string>;
  everything: boolean;
  has: (id: string) => boolean;
  toggle: (id: string) => void;
  setRange: (ids: string[], chosen: boolean) => void;
  selectEverything: () => void;
  clear: () => void;
  /** The part of a bulk request that says which records. */
  target: (where: Condition | null) => { where?: Condition | null; ids?: string[] };
}

const none: ReadonlySet<string> = new Set();

export function useSelection(): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(none);
  const [everything, setEverything] = useState(false);
  const setRange = useCallback((range: string[], chosen: boolean) => {
    setEverything(false);
    setIds((before) => {
      const next = new Set(before);
      range.forEach((id) => (chosen ? next.add(id) : next.delete(id)));
      return next;
    });
  }, []);
  const toggle = useCallback((id: string) => {
    setEverything(false);
    setIds((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const clear = useCallback(() => {
    setEverything(false);
    setIds(none);
  }, []);
  return useMemo(() => ({
    ids, everything, toggle, setRange, clear,
    has: (id: string) => everything || ids.has(id),
    selectEverything: () => setEverything(true),
    target: (where: Condition | null) => (everything ? { where: where ?? { all: [] } } : { ids: [...ids] }),
  }), [ids, everything, toggle, setRange, clear]);
}
