import { useEffect, useSyncExternalStore } from 'react';
import { hashKey, notifyManager, useQueryClient, type InfiniteData, type Query, type QueryClient } from '@tanstack/react-query';
import { useModel, type Model } from '@/api/meta';
import { useSession } from '@/api/session';
import { readPage, recordKeys } from '@/api/records';
import type { ChangeEvent, Page, RecordRow } from '@/api/types';
import { putRecord } from '@/field/putRecord';
import { heardState } from './connected';
import { heardPresence } from './presence';
import { startLive } from './stream';

/** How long a row changed by somebody else carries its mark. */
const markMilliseconds = 2000;
/** Changes within this time lead to one reading again. */
const gatherMilliseconds = 400;
/** Where an import or a score card changes thousands of records, the screen follows in longer steps. */
const crowd = 40;
const longestGatherMilliseconds = 5000;
/** More changed rows at once are left until the list is read again. */
const mostRows = 50;

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

function mark(ids: string[]): void {
  if (ids.length === 0) return;
  setMarked((next) => ids.forEach((id) => next.add(id)));
  setTimeout(() => setMarked((next) => ids.forEach((id) => next.delete(id))), markMilliseconds);
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

/** Changed rows on the screen are read and put in their place; most lists need no more. */
async function refreshRows(client: QueryClient, plural: string, ids: Set<string>): Promise<void> {
  const lists = client.getQueriesData<Cached>({ queryKey: recordKeys.lists(plural) });
  const shown = new Set(lists.flatMap(([, cached]) => rowsOf(cached)).map((row) => row.id));
  const wanted = [...ids].filter((id) => shown.has(id)).slice(0, mostRows);
  if (wanted.length === 0) return;
  const { data } = await readPage(plural, { where: { field: 'id', op: 'in', value: wanted }, limit: mostRows });
  notifyManager.batch(() => data.forEach((row) => putRecord(client, plural, row)));
}

/** Reads again what a batch of changes touches. */
function refresh(client: QueryClient, model: Model, changes: ChangeEvent[]): void {
  const updated = new Map<string, Set<string>>();
  const renewed = new Set<string>();
  const ones = new Set<string>();
  for (const change of changes) {
    const entity = model.named(change.entity);
    if (!entity) continue;
    if (change.action === 'added') {
      /* A comment or a file: the record itself is as it was. */
      void client.invalidateQueries({ queryKey: ['timeline', entity.plural, change.id] });
      void client.invalidateQueries({ queryKey: ['files', entity.plural, change.id] });
      continue;
    }
    ones.add(hashKey(recordKeys.one(entity.plural, change.id)));
    if (change.action.endsWith('update')) updated.set(entity.plural, (updated.get(entity.plural) ?? new Set()).add(change.id));
    else renewed.add(entity.plural);
  }
  void client.invalidateQueries({ queryKey: ['records'], predicate: ({ queryKey }) => ones.has(hashKey(queryKey.slice(0, 4))) });
  for (const plural of renewed) {
    void client.invalidateQueries({ queryKey: recordKeys.lists(plural), predicate: (query) => !isLong(query) });
  }
  for (const [plural, ids] of updated) {
    if (!renewed.has(plural)) void refreshRows(client, plural, ids).catch(() => undefined);
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
    let pause = gatherMilliseconds;
    let followed = 0;
    let lost = false;
    const follow = () => {
      timer = undefined;
      followed = Date.now();
      const changes = gathered;
      gathered = [];
      pause = changes.length > crowd ? Math.min(pause * 2, longestGatherMilliseconds) : gatherMilliseconds;
      mark(changes.filter((change) => change.actor_id !== user.id).map(({ id }) => id));
      refresh(client, model, changes);
    };
    const stop = startLive((message) => {
      if (message.type === 'state') heardState(message.data.connected);
      if (message.type === 'notification') {
        client.invalidateQueries({ queryKey: ['notifications'] });
        client.invalidateQueries({ queryKey: ['approvals'] });
      } else if (message.type === 'presence') {
        heardPresence(message.data);
      } else if (message.type === 'change') {
        gathered.push(message.data);
        timer ??= setTimeout(follow, Date.now() - followed > pause ? gatherMilliseconds : pause);
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
