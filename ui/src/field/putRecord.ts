import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { recordKeys } from '@/api/records';
import type { Page, RecordRow } from '@/api/types';

type Cached = InfiniteData<Page<RecordRow>> | Page<RecordRow> | undefined;

/** Puts a newer record in place of the older one in every list that shows it, without reading them again. */
export function putRecord(client: QueryClient, plural: string, record: RecordRow): void {
  const inPage = (page: Page<RecordRow>): Page<RecordRow> => ({
    ...page, data: page.data.map((row) => (row.id === record.id ? record : row)),
  });
  client.setQueryData(recordKeys.one(plural, record.id), record);
  client.setQueriesData<Cached>({ queryKey: recordKeys.lists(plural) }, (cached) => {
    if (cached && 'pages' in cached) return { ...cached, pages: cached.pages.map(inPage) };
    return cached && Array.isArray(cached.data) ? inPage(cached) : cached;
  });
}
