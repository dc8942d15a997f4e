import { useEffect, useSyncExternalStore } from 'react';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useModel, type Model } from '@/api/meta';
import { useSession } from '@/api/session';
import { recordKeys } from '@/api/records';
import type { ChangeEvent } from '@/api/types';
import { startLive } from './stream';

/** How long a row changed by somebody else carries its mark. */
const markMilliseconds = 2000;
/** Changes within this time lead to one reading again. */
const gatherMilliseconds = 400;

let marked: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

function setMarked(change: (next: Set<string>) => void): void {
  const next = new Set(marked);
  change(next);
  marked = next;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Ids of records somebody else changed in the last two seconds. */
export function useChangedRecords(): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, () => marked);
}

function mark(id: string): void {
  setMarked((next) => next.add(id));
  setTimeout(() => setMarked((next) => next.delete(id)), markMilliseconds);
}

/** Reads again what a batch of changes touches. */
function refresh(client: QueryClient, model: Model, changes: ChangeEvent[]): void {
  const plurals = new Set<string>();
  for (const change of changes) {
    const entity = model.named(change.entity);
    if (!entity) continue;
    plurals.add(entity.plural);
    client.invalidateQueries({ queryKey: recordKeys.one(entity.plural, change.id) });
  }
  for (const plural of plurals) {
    client.invalidateQueries({ queryKey: recordKeys.lists(plural) });
  }
  client.invalidateQueries({ queryKey: ['home'] });
}

/** Keeps everything on the screen up to date with what others do. Used once, by the frame. */
export function useLive(): void {
  const client = useQueryClient();
  const model = useModel();
  const { user } = useSession();
  useEffect(() => {
    let gathered: ChangeEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lost = false;
    const stop = startLive((message) => {
      if (message.type === 'notification') {
        client.invalidateQueries({ queryKey: ['notifications'] });
      } else if (message.type === 'change') {
        if (message.data.actor_id !== user.id) mark(message.data.id);
        gathered.push(message.data);
        timer ??= setTimeout(() => {
          refresh(client, model, gathered);
          gathered = [];
          timer = undefined;
        }, gatherMilliseconds);
      } else if (!message.data.connected) {
        lost = true;
      } else if (lost) {
        lost = false;
        client.invalidateQueries();
      }
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [client, model, user.id]);
}
