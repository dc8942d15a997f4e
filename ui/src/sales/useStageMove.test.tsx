import type { ReactNode } from 'react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { api, ApiError } from '@/api/client';
import type { RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { takeUndo } from '@/app/undo';
import { useTakeUndo } from '@/frame/UndoBar';
import { laterTexts, startTexts } from '@/text/i18n';
import type { Stage } from './stages';
import { useStageMove } from './useStageMove';

vi.mock('@/api/meta', () => ({ useModel: () => ({ named: () => undefined }), fieldOf: () => undefined }));

const stage = (id: string) => ({ id, name: id, kind: 'open', required_fields: [] }) as unknown as Stage;
const seen = { id: '7', version: 3, stage_id: 'talks', name: '控制柜' } as unknown as RecordRow;

/** The deal as the server has it; a move from an older version is refused. */
let deal = seen;
const moves: string[] = [];
const warned = vi.spyOn(message, 'warning');
const failed = vi.spyOn(message, 'error');
const moveTo = (stageId: string) => { deal = { ...deal, version: deal.version + 1, stage_id: stageId, _refs: { stage_id: { title: stageId } } } as unknown as RecordRow; };

const client = new QueryClient();
const within = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
const open = () => renderHook(() => ({ ...useStageMove(), takeBack: useTakeUndo() }), { wrapper: within }).result;

beforeAll(async () => {
  await startTexts('zh');
  await laterTexts();
});
beforeEach(() => {
  deal = seen;
  moves.length = 0;
  takeUndo();
  warned.mockClear();
  failed.mockClear();
  vi.spyOn(api, 'get').mockImplementation(async () => deal as never);
  vi.spyOn(api, 'post').mockImplementation(async (_, body, options) => {
    await new Promise((passed) => { setTimeout(passed, 5); });
    const { stage_id: to } = body as { stage_id: string };
    if (options?.version !== deal.version) throw new ApiError({ type: '', title: '', status: 412, code: 'record.stale' });
    moves.push(`${String(deal.stage_id)} > ${to}`);
    moveTo(to);
    return deal as never;
  });
});

it('two presses after each other are both one’s own: the second goes on from the first, and is what is taken back', async () => {
  const page = open();
  act(() => {
    page.current.move(seen, stage('quote'));
    page.current.move(seen, stage('contract'));
  });
  await waitFor(() => expect(client.isMutating()).toBe(0));
  expect(moves).toEqual(['talks > quote', 'quote > contract']);
  await act(() => page.current.takeBack());
  expect(moves.at(-1)).toBe('contract > quote');
  expect(warned).not.toHaveBeenCalled();
});

it('a double click moves once and accuses nobody', async () => {
  const page = open();
  act(() => {
    page.current.move(seen, stage('quote'));
    page.current.move(seen, stage('quote'));
  });
  await waitFor(() => expect(client.isMutating()).toBe(0));
  expect(moves).toEqual(['talks > quote']);
  expect(warned).not.toHaveBeenCalled();
  await act(() => page.current.takeBack());
  expect(moves.at(-1)).toBe('quote > talks');
});

it('what somebody else has moved on is not taken back: it is said where it stands, and read again', async () => {
  const page = open();
  const read = vi.spyOn(client, 'invalidateQueries');
  act(() => page.current.move(seen, stage('quote')));
  await waitFor(() => expect(client.isMutating()).toBe(0));
  moveTo('contract');
  read.mockClear();
  await act(() => page.current.takeBack());
  expect(deal.stage_id).toBe('contract');
  expect(failed).toHaveBeenCalledWith(expect.stringContaining('刚被别人移到「contract」'));
  expect(read).toHaveBeenCalled();
});
