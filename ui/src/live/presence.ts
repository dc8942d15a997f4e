import { useEffect, useSyncExternalStore } from 'react';
import { api } from '@/api/client';
import { useSession } from '@/api/session';
import type { PresenceEvent, PresentPerson } from '@/api/types';

/** A page says that it is there so often; the server forgets it after 45 seconds. */
const beatMilliseconds = 20_000;

/** This page, among those the same person may have open. */
const tab = Math.random().toString(36).slice(2, 12);

const keyOf = (entity: string, id: string) => `${entity}/${id}`;

/** Who is on a record, by its key; only records this page shows are kept. */
const known = new Map<string, PresentPerson[]>();
const nobody: PresentPerson[] = [];
const listeners = new Set<() => void>();
let edited: string | null = null;
let beatNow: (() => void) | null = null;

function emit(): void {
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What the server says of a record, by a beat's reply or the live feed. */
export function heardPresence(event: PresenceEvent): void {
  const key = keyOf(event.entity, event.id);
  if (!known.has(key)) return;
  known.set(key, event.people);
  emit();
}

function beat(entity: string, id: string, gone: boolean): void {
  const body = { entity, id, tab, gone, editing: edited === keyOf(entity, id) };
  void api.post<PresenceEvent>('/presence', body, { keepalive: gone }).then((event) => { if (!gone) heardPresence(event); }).catch(() => undefined);
}

/** Says that somebody has the record open as long as the page is in sight; gives the others on it. */
export function usePresence(entity: string, id: string): PresentPerson[] {
  const { user } = useSession();
  const key = keyOf(entity, id);
  useEffect(() => {
    known.set(key, nobody);
    const here = () => { if (document.visibilityState === 'visible') beat(entity, id, false); };
    const leave = () => beat(entity, id, true);
    const seen = () => (document.visibilityState === 'visible' ? here() : leave());
    beatNow = here;
    here();
    const timer = setInterval(here, beatMilliseconds);
    document.addEventListener('visibilitychange', seen);
    window.addEventListener('pagehide', leave);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', seen);
      window.removeEventListener('pagehide', leave);
      beatNow = null;
      known.delete(key);
      leave();
    };
  }, [entity, id, key]);
  const people = useSyncExternalStore(subscribe, () => known.get(key) ?? nobody);
  return people.filter((person) => person.id !== user.id);
}

/** Tells the others that this person is changing the record, as long as `editing` holds. */
export function useTellEditing(entity: string, id: string, editing: boolean): void {
  useEffect(() => {
    if (!editing) return undefined;
    edited = keyOf(entity, id);
    beatNow?.();
    return () => {
      edited = null;
      beatNow?.();
    };
  }, [entity, id, editing]);
}
