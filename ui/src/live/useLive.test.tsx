import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReactNode } from 'react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import { recordKeys } from '@/api/records';
import type { LiveMessage } from './stream';
import { useChangedRecords, useLive } from './useLive';

let tell: (message: LiveMessage) => void = () => undefined;
const asked: unknown[] = [];

vi.mock('./stream', () => ({ startLive: (listener: typeof tell) => { tell = listener; return () => undefined; } }));
vi.mock('@/api/session', () => ({ useSession: () => ({ user: { id: '1' } }) }));
const model = { named: () => ({ plural: 'leads' }) };
vi.mock('@/api/meta', () => ({ useModel: () => model }));
vi.mock('@/api/client', () => ({
  api: {
    get: (path: string, query: { where: string }) => {
      const { value } = JSON.parse(query.where) as { value: string[] };
      asked.push([path, value]);
      return Promise.resolve({ data: value.map((id) => ({ id, name: 'new' })), next: null });
    },
  },
}));

const client = new QueryClient();
const within = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
const change = (id: number, actor = '2') => tell({ type: 'change', data: { entity: 'lead', id: String(id), action: 'update', actor_id: actor } as never });
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

describe('what others change', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    asked.length = 0;
    client.setQueryData(recordKeys.list('leads', {}), { data: [{ id: '3', name: 'old' }, { id: '5', name: 'old' }], next: null });
  });
  afterEach(() => vi.useRealTimers());

  it('is read with one question for all rows on the screen, and marked for a while unless one did it oneself', async () => {
    const { result } = renderHook(() => { useLive(); return useChangedRecords(); }, { wrapper: within });
    change(3);
    change(5, '1');
    change(9);
    await pass(400);
    expect(asked).toEqual([['/leads', ['3', '5']]]);
    expect(client.getQueryData(recordKeys.list('leads', {}))).toMatchObject({ data: [{ id: '3', name: 'new' }, { id: '5', name: 'new' }] });
    expect([...result.current].sort()).toEqual(['3', '9']);
    await pass(2000);
    expect(result.current.size).toBe(0);
  });

  it('does not draw the screen anew for each of a thousand, and follows a crowd in longer steps', async () => {
    let drawn = 0;
    renderHook(() => { useLive(); drawn += 1; return useChangedRecords(); }, { wrapper: within });
    drawn = 0;
    for (let wave = 0; wave < 10; wave += 1) {
      for (let id = 0; id < 100; id += 1) change(id);
      await pass(400);
    }
    expect(asked.length).toBeLessThanOrEqual(4);
    expect(drawn).toBeLessThan(12);
    await pass(10_000);
    change(3);
    await pass(400);
    expect(asked.at(-1)).toEqual(['/leads', ['3']]);
  });
});
