import {
  useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient,
} from '@tanstack/react-query';
import { api, type Query } from './client';
import type { BulkResult, Condition, Page, RecordRow } from './types';

/** Keys under which records are kept: ['records', plural, 'list' | 'board' | 'one', …]. */
export const recordKeys = {
  all: (plural: string) => ['records', plural] as const,
  lists: (plural: string) => ['records', plural, 'list'] as const,
  list: (plural: string, query: Query) => ['records', plural, 'list', query] as const,
  board: (plural: string) => ['records', plural, 'board'] as const,
  one: (plural: string, id: string) => ['records', plural, 'one', id] as const,
};

export interface ListQuery {
  where?: Condition | null;
  sort?: string;
  fields?: string[];
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
    expand: '*',
  };
}

export function readPage(plural: string, list: ListQuery, cursor?: string | null): Promise<Page<RecordRow>> {
  return api.get<Page<RecordRow>>(`/${plural}`, { ...parameters(list), cursor });
}

/** One page of a list, for short lists beside something else. */
export function useRecords(plural: string, list: ListQuery, enabled = true) {
  return useQuery({
    queryKey: recordKeys.list(plural, parameters(list)),
    queryFn: () => readPage(plural, list),
    enabled,
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

/** The server does some hundreds at a time, so that nobody else waits; the calls go on until all are done. */
async function untilDone(first: BulkResult, next: string): Promise<BulkResult> {
  const sum = { ...first };
  let { remaining = 0 } = first;
  while (remaining > 0) {
    const more = await api.post<BulkResult>(next);
    if ((more.remaining ?? 0) >= remaining) break;
    remaining = more.remaining ?? 0;
    sum.changed += more.changed;
    sum.failed = [...sum.failed, ...more.failed];
  }
  return sum;
}

export async function bulk(plural: string, request: BulkRequest): Promise<BulkResult> {
  const first = await api.post<BulkResult>(`/${plural}/bulk`, { where: null, ids: null, ...request });
  return untilDone(first, `/bulk/${first.undo}/continue`);
}

export async function undoBulk(token: string): Promise<BulkResult> {
  return untilDone(await api.post<BulkResult>(`/bulk/${token}/undo`), `/bulk/${token}/undo`);
}

export function useCreateRecord(plural: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (values: Record<string, unknown>) => api.post<RecordRow>(`/${plural}`, values),
    onSuccess: () => refreshRecords(client, plural),
  });
}
