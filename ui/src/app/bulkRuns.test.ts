import { renderHook } from '@testing-library/react';
import { act } from 'react';
import { expect, it } from 'vitest';
import type { BulkProgress } from '@/api/records';
import { bulkRuns, dismissBulk, followBulk, stopBulk, useBulkRuns } from './bulkRuns';

const at = (done: number): BulkProgress => ({ id: '7', total: 1000, done, changed: done, held: 0, failed: [] });
const about = { entity: 'lead', action: 'update', undoing: false };

it('a run is seen while it goes on, can be stopped, and stays until it is dismissed', async () => {
  const { result } = renderHook(() => useBulkRuns());
  let goOn = true;
  await act(() => followBulk(about, async (step) => {
    step(at(0));
    const key = bulkRuns()[0]?.key ?? 0;
    expect(bulkRuns()[0]).toMatchObject({ state: 'running', id: '7' });
    dismissBulk(key);
    expect(bulkRuns()).toHaveLength(1);
    stopBulk(key);
    goOn = step(at(500));
    return at(500);
  }));
  expect(goOn).toBe(false);
  expect(result.current[0]).toMatchObject({ state: 'stopped', progress: { done: 500 } });
  act(() => dismissBulk(result.current[0]?.key ?? 0));
  expect(result.current).toEqual([]);
});

it('a failure ends the run and is thrown on', async () => {
  const { result } = renderHook(() => useBulkRuns());
  await act(async () => {
    await expect(followBulk(about, async () => { throw new Error('gone'); })).rejects.toThrow('gone');
  });
  expect(result.current[0]?.state).toBe('failed');
});
