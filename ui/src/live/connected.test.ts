import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { heardState, useConnected } from './connected';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => {
  heardState(true);
  vi.useRealTimers();
});

const pass = (milliseconds: number) => act(() => vi.advanceTimersByTime(milliseconds));

it('says that the server is away when it stays away, and at once that it is back', () => {
  const { result } = renderHook(useConnected);
  heardState(false);
  pass(2000);
  heardState(false);
  expect(result.current).toBe(true);
  pass(3000);
  expect(result.current).toBe(false);
  act(() => heardState(true));
  expect(result.current).toBe(true);
});

it('says nothing of a stream that comes back within moments', () => {
  const { result } = renderHook(useConnected);
  heardState(false);
  pass(2000);
  heardState(true);
  pass(10_000);
  expect(result.current).toBe(true);
});
