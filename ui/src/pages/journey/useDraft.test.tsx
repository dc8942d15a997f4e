import type { ReactNode } from 'react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { api } from '@/api/client';
import type { RecordRow } from '@/api/types';
import { startTexts } from '@/text/i18n';
import type { Graph } from './graph';
import { useDraft } from './useDraft';

const record = { id: '7', version: 1 } as RecordRow;
const graph = (...ids: string[]) => ({ nodes: ids.map((id) => ({ id })), edges: [] }) as unknown as Graph;
const [first, second] = [graph('a'), graph('a', 'b')];

/** Drafts sent, each answered when told to. */
let sent: { draft: unknown; answer: () => void }[];

beforeAll(() => startTexts('zh'));
beforeEach(() => {
  sent = [];
  vi.spyOn(api, 'patch').mockImplementation((_, body) => new Promise((resolve) => {
    sent.push({ draft: (body as { draft: unknown }).draft, answer: () => resolve({ ...record, version: sent.length + 1 }) });
  }));
});

function drawn() {
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>;
  return renderHook(({ value }) => useDraft(record, value), { wrapper, initialProps: { value: first } });
}
const sending = (count: number) => waitFor(() => expect(sent).toHaveLength(count), { timeout: 2000 });

it('what is undone while it is being kept is undone on the server too, and only then it is saved', async () => {
  const { result, rerender } = drawn();
  rerender({ value: second });
  await sending(1);
  rerender({ value: first });
  await act(async () => { sent[0]!.answer(); await Promise.resolve(); });
  expect(result.current.state).toBe('saving');
  await sending(2);
  expect(sent[1]!.draft).toBe(first);
  act(() => sent[1]!.answer());
  await waitFor(() => expect(result.current.state).toBe('saved'));
});

it('what is undone at once needs no saving', () => {
  const { result, rerender } = drawn();
  rerender({ value: second });
  rerender({ value: first });
  expect(result.current.state).toBe('saved');
});

it('the last change goes out with who leaves', async () => {
  const { rerender, unmount } = drawn();
  rerender({ value: second });
  unmount();
  await sending(1);
  expect(sent[0]!.draft).toBe(second);
});
