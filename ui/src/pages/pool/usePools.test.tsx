import type { ReactNode } from 'react';
import { act, renderHook } from '@testing-library/react';
import { MemoryRouter, useLocation } from 'react-router';
import { expect, it } from 'vitest';
import type { Pool } from './pools';
import { useChosenPool } from './usePools';

const pool = (id: string, value: number) => ({ id, grabs: true, total: { value, exact: true } }) as Pool;
const at = (path: string) => ({ children }: { children: ReactNode }) => <MemoryRouter initialEntries={[path]}>{children}</MemoryRouter>;

/** The page with these pools, and what the address says. */
function open(path: string, pools: Pool[]) {
  return renderHook(({ given }) => {
    const [chosen, choose] = useChosenPool(given);
    return { id: chosen?.id, choose, search: useLocation().search };
  }, { wrapper: at(path), initialProps: { given: pools } });
}

it('the pool the page opened with stays, though its last lead is grabbed; the next only when it is gone', () => {
  const { result, rerender } = open('/pool?sort=newest', []);
  rerender({ given: [pool('south', 1), pool('north', 7)] });
  expect(result.current).toMatchObject({ id: 'south', search: '?sort=newest&pool=south' });
  rerender({ given: [pool('south', 0), pool('north', 7)] });
  expect(result.current.id).toBe('south');
  rerender({ given: [pool('north', 7)] });
  expect(result.current).toMatchObject({ id: 'north', search: '?sort=newest&pool=north' });
});

it('the one that is named or chosen is shown, empty or not', () => {
  const { result } = open('/pool?pool=south', [pool('north', 7), pool('south', 0), pool('east', 0)]);
  expect(result.current.id).toBe('south');
  act(() => result.current.choose('east'));
  expect(result.current).toMatchObject({ id: 'east', search: '?pool=east' });
});
