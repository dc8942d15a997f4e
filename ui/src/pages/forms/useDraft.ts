import { useEffect, useRef, useState } from 'react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { RecordRow } from '@/api/types';
import { Conflict, patchSeen, same } from '@/field/patchSeen';
import { designOf, type Design } from './forms';

const savedAfter = 700;
const steps = 100;

interface History {
  past: Design[];
  now: Design;
  future: Design[];
  /** Changes of one thing in a row are one step back. */
  key: string | null;
}

/** The draft of a form while it is edited: kept by itself a moment after each change, with undo and redo. */
export function useDraft(form: RecordRow) {
  const client = useQueryClient();
  const [history, setHistory] = useState<History>(() => ({ past: [], now: designOf(form.draft), future: [], key: null }));
  const known = useRef(form);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const waiting = useRef<Design | null>(null);
  const running = useRef<Promise<unknown>>(Promise.resolve());
  const save = useMutation({
    // One after the other, each on the version the one before made.
    scope: { id: `form ${form.id}` },
    mutationFn: async ({ draft, overwrite }: { draft: Design; overwrite: boolean }) => {
      known.current = await patchSeen('forms', known.current, { draft }, overwrite);
      return known.current;
    },
    onSuccess: (row) => client.setQueryData(['form', form.id], row),
  });
  const drop = () => {
    clearTimeout(timer.current);
    waiting.current = null;
  };
  const send = (draft: Design, overwrite: boolean) => {
    drop();
    running.current = save.mutateAsync({ draft, overwrite });
    return running.current;
  };
  /** Settled once what is seen is kept; what could not be kept before is tried again. */
  const flush = () => {
    const draft = waiting.current ?? (save.isError ? history.now : null);
    return draft ? send(draft, false) : running.current;
  };
  const later = (draft: Design) => {
    waiting.current = draft;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void flush().catch(() => undefined), savedAfter);
  };
  const latest = useRef(flush);
  useEffect(() => {
    latest.current = flush;
  });
  useEffect(() => () => void latest.current().catch(() => undefined), []);
  const set = (change: Partial<Design>, key: string | null = null) => {
    const now = { ...history.now, ...change };
    const same = key !== null && key === history.key;
    setHistory({ past: same ? history.past : [...history.past.slice(-steps), history.now], now, future: [], key });
    later(now);
  };
  const undo = () => {
    const before = history.past.at(-1);
    if (!before) return;
    setHistory({ past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], key: null });
    later(before);
  };
  const redo = () => {
    const [next, ...future] = history.future;
    if (!next) return;
    setHistory({ past: [...history.past, history.now], now: next, future, key: null });
    later(next);
  };
  const renew = (row: RecordRow) => {
    known.current = row;
    drop();
    save.reset();
    running.current = Promise.resolve();
    client.setQueryData(['form', form.id], row);
    setHistory((old) => ({ past: [...old.past, old.now], now: designOf(row.draft), future: [], key: null }));
  };
  /** What was changed elsewhere moves the version on, unless the draft was changed there too. */
  const seen = (row: RecordRow) => {
    if (same(row.draft, known.current.draft)) known.current = row;
  };
  const theirs = save.error instanceof Conflict ? save.error.current : null;
  return {
    design: history.now, set, undo, redo, renew, seen, flush, drop,
    /** Somebody else's draft that was kept meanwhile, and what to do about it. */
    theirs, keepMine: () => void send(history.now, true).catch(() => undefined),
    canUndo: history.past.length > 0, canRedo: history.future.length > 0,
    saving: save.isPending || waiting.current !== null, error: save.error,
  };
}

export type Draft = ReturnType<typeof useDraft>;
