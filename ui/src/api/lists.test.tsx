import type { ReactNode } from 'react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderHook, waitFor } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';
import { api, type Query } from './client';
import { useAllRecords, useAny } from './records';
import type { Entity } from './types';

const lead = { plural: 'leads' } as Entity;
const asked: unknown[] = [];

beforeEach(() => { asked.length = 0; });

const answer = (by: (query: Query) => unknown) => vi.spyOn(api, 'get').mockImplementation(async (path, query = {}) => {
  asked.push([path, query.cursor]);
  return by(query) as never;
});
function drawn<Result>(hook: () => Result) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
  return renderHook(hook, { wrapper }).result;
}

it('a list is read to its end, page after page', async () => {
  const next: Record<string, string | null> = { first: 'second', second: 'third', third: null };
  answer(({ cursor }) => ({ data: [{ id: cursor ?? 'first' }], next: next[String(cursor ?? 'first')] }));
  const all = drawn(() => useAllRecords('pipelines', {}));
  await waitFor(() => expect(all.current.data?.data.map(({ id }) => id)).toEqual(['first', 'second', 'third']));
  expect(asked).toEqual([['/pipelines', undefined], ['/pipelines', 'second'], ['/pipelines', 'third']]);
});

it('knows whether there is any, and not before it was told', async () => {
  for (const data of [[], [{ id: '1' }]]) {
    answer(() => ({ data, next: null }));
    const any = drawn(() => useAny(lead));
    expect(any.current).toBe(undefined);
    await waitFor(() => expect(any.current).toBe(data.length > 0));
  }
});

it('where it cannot be known there may be some: refused, or a record type one does not see', async () => {
  answer(() => { throw new Error('refused'); });
  const refused = drawn(() => useAny(lead));
  await waitFor(() => expect(refused.current).toBe(true));
  asked.length = 0;
  expect(drawn(() => useAny(undefined)).current).toBe(true);
  expect(asked).toEqual([]);
});
