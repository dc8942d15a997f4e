import { describe, expect, it } from 'vitest';
import { left, nextToTry, poolAtFirst, provinceOf, withTried, type Outcome, type Pool, type PoolLead } from './pools';

const lead = (id: string, more: Partial<PoolLead> = {}): PoolLead => ({
  id, created_at: '2026-11-25T02:00:00Z', pooled_at: '2026-11-25T02:00:00Z', entered: 'entered', reason: '', returns: 0, cooling_until: null, ...more,
});
const lost: Outcome = { kind: 'lost', text: '刘洋 快了 0.2 秒' };
const ids = (leads: PoolLead[]) => leads.map(({ id }) => id);

describe('the leads of a pool', () => {
  it('keep those I tried where they stood, though they have left it', () => {
    const shown = [lead('a'), lead('b'), lead('c')];
    expect(ids(withTried(shown, [lead('a'), lead('c')], new Map([['b', lost]])))).toEqual(['a', 'b', 'c']);
    expect(ids(withTried(shown, [lead('n'), lead('a'), lead('c')], new Map([['b', lost]])))).toEqual(['n', 'b', 'a', 'c']);
  });

  it('let go of what others took', () => {
    expect(ids(withTried([lead('a'), lead('b')], [lead('b')], new Map()))).toEqual(['b']);
  });

  it('go on with the next that can be had, then from the top', () => {
    const leads = [lead('a'), lead('b', { cooling_until: '2026-11-28T02:00:00Z' }), lead('c'), lead('d')];
    expect(nextToTry(leads, 'a', new Map())?.id).toBe('c');
    expect(nextToTry(leads, 'd', new Map([['a', lost]]))?.id).toBe('c');
    expect(nextToTry(leads, 'c', new Map([['a', lost], ['d', lost]]))?.id).toBeUndefined();
  });
});

it('what is left is never less than nothing, and no limit is no figure', () => {
  expect(left({ pick_limit: 8, picked: 2, holding_cap: 0, held: 90 })).toEqual({ picks: 6, holds: null });
  expect(left({ pick_limit: 0, picked: 2, holding_cap: 50, held: 52 })).toEqual({ picks: null, holds: 0 });
});

it('regions are narrowed by province', () => {
  expect(['江苏省无锡市', '上海市', '广西壮族自治区南宁市', '北京市'].map(provinceOf)).toEqual(['江苏省', '上海市', '广西壮族自治区', '北京市']);
});

it('the page opens with a pool that has something to grab', () => {
  const pool = (id: string, value: number, grabs = true) => ({ id, grabs, total: { value, exact: true } }) as Pool;
  expect(poolAtFirst([pool('empty', 0), pool('mine', 3), pool('other', 5)])?.id).toBe('mine');
  expect(poolAtFirst([pool('closed', 9, false), pool('empty', 0)])?.id).toBe('empty');
  expect(poolAtFirst([])).toBeUndefined();
});
