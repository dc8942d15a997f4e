import { useEffect, useSyncExternalStore } from 'react';
import { useQueryClient, type InfiniteData, type Query, type QueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { useModel, type Model } from '@/api/meta';
import { useSession } from '@/api/session';
import { recordKeys } from '@/api/records';
import type { ChangeEvent, Page, RecordRow } from '@/api/types';
import { putRecord } from '@/field/putRecord';
import { heardPresence } from './presence';
import { startLive } from './stream';

/** How long a row changed by somebody else carries its mark. */
const markMilliseconds = 2000;
/** Changes within this time lead to one reading again. */
const gatherMilliseconds = 400;
/** More changed rows at once are left until the list is read again. */
const mostRows = 20;

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

type Cached = InfiniteData<Page<RecordRow>> | Page<RecordRow> | undefined;

function rowsOf(cached: Cached): RecordRow[] {
  if (!cached) return [];
  return 'pages' in cached ? cached.pages.flatMap((page) => page.data) : (cached.data ?? []);
}

/** A list so far scrolled that reading all its pages again would cost more than it shows. */
function isLong(query: Query): boolean {
  const cached = query.state.data as Cached;
  return !!cached && 'pages' in cached && cached.pages.length > 3;
}

/** Changed rows on the screen are read one by one and put in their place; most lists need no more. */
async function refreshRows(client: QueryClient, plural: string, ids: Set<string>): Promise<void> {
  const lists = client.getQueriesData<Cached>({ queryKey: recordKeys.lists(plural) });
  const shown = new Set(lists.flatMap(([, cached]) => rowsOf(cached)).map((row) => row.id));
  const wanted = [...ids].filter((id) => shown.has(id)).slice(0, mostRows);
  await Promise.allSettled(wanted.map(async (id) => {
    putRecord(client, plural, await api.get<RecordRow>(`/${plural}/${id}`, { expand: '*' }));
  }));
}

/** Reads again what a batch of changes touches. */
function refresh(client: QueryClient, model: Model, changes: ChangeEvent[]): void {
  const updated = new Map<string, Set<string>>();
  const renewed = new Set<string>();
  for (const change of changes) {
    const entity = model.named(change.entity);
    if (!entity) continue;
    if (change.action === 'added') {
      /* A comment or a file: the record itself is as it was. */
      void client.invalidateQueries({ queryKey: ['timeline', entity.plural, change.id] });
      void client.invalidateQueries({ queryKey: ['files', entity.plural, change.id] });
      continue;
    }
    void client.invalidateQueries({ queryKey: recordKeys.one(entity.plural, change.id) });
    if (change.action.endsWith('update')) updated.set(entity.plural, (updated.get(entity.plural) ?? new Set()).add(change.id));
    else renewed.add(entity.plural);
  }
  for (const plural of renewed) {
    void client.invalidateQueries({ queryKey: recordKeys.lists(plural), predicate: (query) => !isLong(query) });
  }
  for (const [plural, ids] of updated) {
    if (!renewed.has(plural)) void refreshRows(client, plural, ids);
  }
  for (const plural of new Set([...renewed, ...updated.keys()])) {
    void client.invalidateQueries({ queryKey: recordKeys.board(plural) });
    void client.invalidateQueries({ queryKey: recordKeys.calendar(plural) });
  }
  void client.invalidateQueries({ queryKey: ['home'] });
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
        client.invalidateQueries({ queryKey: ['approvals'] });
      } else if (message.type === 'presence') {
        heardPresence(message.data);
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
