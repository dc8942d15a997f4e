import { afterEach, expect, it, vi } from 'vitest';
import { api, ApiError } from '@/api/client';
import type { RecordRow } from '@/api/types';
import { moveDeal, MovedMeanwhile } from './stages';

const deal = { id: '7', version: 3, stage_id: 'talks', name: '控制柜' } as unknown as RecordRow;
const stale = new ApiError({ status: 412, title: '', code: 'record.stale' } as never);

afterEach(() => vi.restoreAllMocks());

it('a deal moved by somebody else meanwhile is left where he put it', async () => {
  const post = vi.spyOn(api, 'post').mockRejectedValue(stale);
  vi.spyOn(api, 'get').mockResolvedValue({ ...deal, version: 4, stage_id: 'quote' });
  await expect(moveDeal(deal, 'contract', {})).rejects.toBeInstanceOf(MovedMeanwhile);
  expect(post).toHaveBeenCalledTimes(1);
});

it('what else was changed of it does not stand in the way', async () => {
  const post = vi.spyOn(api, 'post').mockRejectedValueOnce(stale).mockResolvedValueOnce({ ...deal, version: 5 });
  vi.spyOn(api, 'get').mockResolvedValue({ ...deal, version: 4 });
  await moveDeal(deal, 'contract', {});
  expect(post).toHaveBeenLastCalledWith('/opportunities/7/move', { stage_id: 'contract', fields: {} }, { version: 4 });
});
