import {
  useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient,
} from '@tanstack/react-query';
import { api, type Query } from './client';
import type { BulkResult, Condition, Entity, Page, RecordRow, Total } from './types';

/** Keys under which records are kept: ['records', plural, 'list' | 'board' | 'calendar' | 'one', …]. */
export const recordKeys = {
  all: (plural: string) => ['records', plural] as const,
  lists: (plural: string) => ['records', plural, 'list'] as const,
  list: (plural: string, query: Query) => ['records', plural, 'list', query] as const,
  board: (plural: string) => ['records', plural, 'board'] as const,
  calendar: (plural: string) => ['records', plural, 'calendar'] as const,
  one: (plural: string, id: string) => ['records', plural, 'one', id] as const,
};

export interface ListQuery {
  where?: Condition | null;
  sort?: string;
  /** Only these fields, and titles of the references among `titles`; left out: all. */
  fields?: string[];
  titles?: string[];
  deleted?: boolean;
  limit?: number;
  count?: boolean;
}

function parameters(list: ListQuery): Query {
  return {
    where: list.where ? JSON.stringify(list.where) : undefined,
    sort: list.sort,
    fields: list.fields?.join(','),
    deleted: list.deleted || undefined,
    limit: list.limit ?? 50,
    count: list.count || undefined,
    expand: list.titles ? list.titles.join(',') || undefined : '*',
  };
}

export function readPage(plural: string, list: ListQuery, cursor?: string | null): Promise<Page<RecordRow>> {
  return api.get<Page<RecordRow>>(`/${plural}`, { ...parameters(list), cursor });
}

/** The first of a list, where that is all that is shown of it and it is said; a list that is chosen from or put in order is read by `useAllRecords`. */
export function useRecords(plural: string, list: ListQuery, enabled = true) {
  return useQuery({
    queryKey: recordKeys.list(plural, parameters(list)),
    queryFn: () => readPage(plural, list),
    enabled,
  });
}

/** As many at a time as the server gives. */
const atOnce = 200;

/** A list to its end, page after page. */
export async function readAll(plural: string, list: Omit<ListQuery, 'limit'>): Promise<Page<RecordRow>> {
  const pages = { ...list, limit: atOnce };
  const whole = await readPage(plural, pages);
  while (whole.next) {
    const { data, next } = await readPage(plural, pages, whole.next);
    whole.data.push(...data);
    whole.next = next;
  }
  return whole;
}

/** What a company has set up (stages, tags, roles, departments …), all of it: for what is chosen from, put in order or counted as a whole. */
export function useAllRecords(plural: string, list: Omit<ListQuery, 'limit'>, enabled = true) {
  return useQuery({ queryKey: [...recordKeys.list(plural, parameters(list)), 'all'], queryFn: () => readAll(plural, list), enabled });
}

/**
 * Whether there is any of these; undefined while it is asked. Where that cannot be known there may be: what is not
 * seen is not called missing.
 */
export function useAny(entity: Entity | undefined): boolean | undefined {
  const { data, error } = useRecords(entity?.plural ?? '', { limit: 1 }, !!entity);
  if (data) return data.data.length > 0;
  return !entity || error ? true : undefined;
}

/** How many there are, counted to the end. */
export function useTotal(plural: string, list: Pick<ListQuery, 'where' | 'deleted'>, enabled: boolean) {
  const query = { where: list.where ? JSON.stringify(list.where) : undefined, deleted: list.deleted || undefined };
  return useQuery({
    queryKey: [...recordKeys.list(plural, query), 'count'], enabled,
    queryFn: async () => (await api.get<{ total: Total }>(`/${plural}/count`, query)).total,
  });
}

/** A list read page after page as the reader scrolls. What is shown stays while a new filter is read. */
export function useRecordPages(plural: string, list: ListQuery) {
  return useInfiniteQuery({
    queryKey: [...recordKeys.list(plural, parameters(list)), 'pages'],
    queryFn: ({ pageParam }) => readPage(plural, { ...list, count: list.count && !pageParam }, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (previous, query) => (query?.queryKey[1] === plural ? previous : undefined),
  });
}

export function useRecord(plural: string, id: string | null | undefined) {
  return useQuery({
    queryKey: recordKeys.one(plural, id ?? ''),
    queryFn: () => api.get<RecordRow>(`/${plural}/${id}`, { expand: '*' }),
    enabled: !!id,
  });
}

/** After any change of a record type: its lists and records are read again. */
export function refreshRecords(client: QueryClient, plural: string): Promise<void> {
  return client.invalidateQueries({ queryKey: recordKeys.all(plural) });
}

export function patchRecord(
  plural: string, id: string, version: number, changes: Record<string, unknown>,
): Promise<RecordRow> {
  return api.patch<RecordRow>(`/${plural}/${id}?expand=*`, changes, { version });
}

export interface BulkRequest {
  where?: Condition | null;
  ids?: string[] | null;
  action: 'update' | 'delete' | 'assign' | 'restore';
  changes?: Record<string, unknown>;
}

/** How far a bulk change is: `done` counts what was tried, changed or not. */
export interface BulkProgress {
  id: string | null;
  total: number;
  done: number;
  changed: number;
  /** Of the failed those that want an approval first. */
  held: number;
  failed: BulkResult['failed'];
}

/** Told how far it is after each piece; false stops before the next. */
export type BulkStep = (progress: BulkProgress) => boolean;
const always = () => true;

/**
 * The server does some hundreds at a time, so that nobody else waits; the calls go on until all are done or
 * `step`, told after each, says no.
 */
async function untilDone(
  first: BulkResult, next: string, total: number, step: BulkStep,
): Promise<BulkProgress> {
  let remaining = first.remaining ?? 0;
  const progress = { id: first.undo, total, done: total - remaining, changed: first.changed, held: first.held ?? 0, failed: first.failed };
  let at: BulkProgress = progress;
  while (step(at) && remaining > 0) {
    const more = await api.post<BulkResult>(next);
    if ((more.remaining ?? 0) >= remaining) break;
    remaining = more.remaining ?? 0;
    at = { ...at, done: total - remaining, changed: at.changed + more.changed, held: at.held + (more.held ?? 0), failed: [...at.failed, ...more.failed] };
  }
  return at;
}

export async function bulk(plural: string, request: BulkRequest, step: BulkStep = always): Promise<BulkProgress> {
  const first = await api.post<BulkResult>(`/${plural}/bulk`, { where: null, ids: null, ...request });
  return untilDone(first, `/bulk/${first.undo}/continue`, first.matched, step);
}

/** Goes on with one that was stopped, or whose window was closed. */
export async function continueBulk(id: string, step: BulkStep = always): Promise<BulkProgress> {
  const first = await api.post<BulkResult>(`/bulk/${id}/continue`);
  return untilDone(first, `/bulk/${id}/continue`, first.matched, step);
}

/** How far asking about held records is. */
export interface BulkAsked {
  asked: number;
  failed: BulkResult['failed'];
}

/** Asks for the approval of each record that a bulk change held, some at a time. */
export async function askBulk(id: string, reason: string, step: (asked: BulkAsked) => void): Promise<BulkAsked> {
  let at: BulkAsked = { asked: 0, failed: [] };
  for (;;) {
    const part = await api.post<BulkResult>(`/bulk/${id}/approvals`, { reason });
    at = { asked: at.asked + part.changed, failed: [...at.failed, ...part.failed] };
    step(at);
    if (part.matched === 0 || (part.remaining ?? 0) === 0) return at;
  }
}

export async function undoBulk(id: string, step: BulkStep = always): Promise<BulkProgress> {
  const first = await api.post<BulkResult>(`/bulk/${id}/undo`);
  return untilDone({ ...first, undo: id }, `/bulk/${id}/undo`, first.matched + (first.remaining ?? 0), step);
}

export function useCreateRecord(plural: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (values: Record<string, unknown>) => api.post<RecordRow>(`/${plural}`, values),
    onSuccess: () => refreshRecords(client, plural),
  });
}
