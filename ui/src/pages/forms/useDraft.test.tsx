import type { ReactNode } from 'react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';
import { api, ApiError } from '@/api/client';
import type { RecordRow } from '@/api/types';
import { useDraft } from './useDraft';

interface Sent {
  questions: { id: string }[];
  version: number;
  answer: () => void;
}

/** A server that answers a change when it is told to, and refuses one on an old version. */
let stored: RecordRow;
let sent: Sent[];

beforeEach(() => {
  stored = { id: '7', version: 1, name: '表单', draft: { questions: [] } } as unknown as RecordRow;
  sent = [];
  vi.spyOn(api, 'get').mockImplementation(() => Promise.resolve(stored));
  vi.spyOn(api, 'patch').mockImplementation((_, body, options) => new Promise((resolve, reject) => {
    const { draft } = body as { draft: { questions: { id: string }[] } };
    const version = Number((options as { version: number }).version);
    sent.push({ questions: draft.questions, version, answer: () => {
      if (version !== stored.version) { reject(new ApiError({ status: 412, title: '', code: 'stale' } as never)); return; }
      stored = { ...stored, version: version + 1, draft };
      resolve(stored);
    } });
  }));
});

function drawn() {
  const client = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
  const hook = renderHook(() => useDraft(stored), { wrapper });
  const type = (id: string) => act(() => hook.result.current.set({ questions: [{ id, type: 'text' }] }));
  return { ...hook, client, type };
}

it('a change made while one is being kept waits for it, and nobody else is blamed', async () => {
  const { result, type } = drawn();
  type('a');
  await waitFor(() => expect(sent).toHaveLength(1), { timeout: 2000 });
  type('b');
  let kept = false;
  act(() => { void result.current.flush().then(() => { kept = true; }); });
  await act(() => Promise.resolve());
  expect(sent).toHaveLength(1);
  expect(kept).toBe(false);
  await act(async () => { sent[0]!.answer(); await Promise.resolve(); });
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]!.version).toBe(2);
  await act(async () => { sent[1]!.answer(); await Promise.resolve(); });
  await waitFor(() => expect(kept).toBe(true));
  expect(result.current.theirs).toBeNull();
  expect(stored.draft).toMatchObject({ questions: [{ id: 'b' }] });
});

it('settles only once the change under way is kept', async () => {
  const { result, type } = drawn();
  type('a');
  await waitFor(() => expect(sent).toHaveLength(1), { timeout: 2000 });
  let kept = false;
  act(() => { void result.current.flush().then(() => { kept = true; }); });
  await act(() => Promise.resolve());
  expect(kept).toBe(false);
  await act(async () => { sent[0]!.answer(); await Promise.resolve(); });
  await waitFor(() => expect(kept).toBe(true));
});

it('a draft a colleague kept meanwhile is not taken as known, and is asked about', async () => {
  const { result, type, client } = drawn();
  stored = { ...stored, version: 3, name: '新名', draft: { questions: [{ id: 'theirs' }] } } as unknown as RecordRow;
  act(() => result.current.seen(stored));
  type('mine');
  await waitFor(() => expect(sent).toHaveLength(1), { timeout: 2000 });
  await act(async () => { sent[0]!.answer(); await Promise.resolve(); });
  await waitFor(() => expect(result.current.theirs?.version).toBe(3));
  act(() => result.current.renew(stored));
  await waitFor(() => expect(result.current.theirs).toBeNull());
  expect(result.current.design.questions).toMatchObject([{ id: 'theirs' }]);
  expect(client.getQueryData(['form', '7'])).toBe(stored);
  await result.current.flush();
});
