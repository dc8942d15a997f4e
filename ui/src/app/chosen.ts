import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';

/** What was open last, and where it stood. */
export interface Place {
  key: string;
  at: number;
}

/**
 * Which item of a queue is open: the one asked for, else the one that was, else what has come to stand in its
 * place. So what arrives above does not push aside what somebody is working on, and the next item opens itself
 * when one is done.
 */
export function placeOf(keys: string[], wanted: string | null, last: Place | null): number {
  const asked = wanted === null ? -1 : keys.indexOf(wanted);
  if (asked >= 0) return asked;
  const kept = last ? keys.indexOf(last.key) : 0;
  return kept >= 0 ? kept : Math.max(0, Math.min(last?.at ?? 0, keys.length - 1));
}

/**
 * The item of a queue that is open, in the address under `parameter`. Opening takes effect at once and not in a
 * transition: the next key may come before a transition has been drawn, and would act on the item before.
 */
export function useChosen<T>(items: T[], keyOf: (item: T) => string, parameter = 'item') {
  const [search, setSearch] = useSearchParams();
  const [last, setLast] = useState<Place | null>(null);
  const wanted = search.get(parameter);
  const at = placeOf(items.map(keyOf), wanted, last);
  const chosen = items[at];
  const key = chosen ? keyOf(chosen) : '';
  useEffect(() => setLast((before) => (before?.key === key && before.at === at ? before : { key, at })), [key, at]);
  const put = (item: string | null) => setSearch((before) => {
    const next = new URLSearchParams(before);
    if (item) next.set(parameter, item);
    else next.delete(parameter);
    return next;
  }, { replace: true, flushSync: true });
  return {
    at, chosen,
    /** Asked for in the address, and there. */
    asked: wanted !== null && wanted === key,
    open: (item: T | undefined) => { if (item) put(keyOf(item)); },
    close: () => put(null),
  };
}
