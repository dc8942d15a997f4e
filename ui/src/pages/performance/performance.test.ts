import { describe, expect, it } from 'vitest';
import { change, placeOf, ranked, seesAll, type Line } from './performance';
import { changedCells, pasted, refusedCell, type Grid } from './grid';

const money = (amount: string) => ({ amount, currency: 'CNY' });
const line = (title: string, amount: string, days: string | null, reached: string | null): Line => ({
  id: title, title, opens: true, before: { won_amount: money('0'), won: 0 },
  now: { won_amount: money(amount), won: 1, cycle: days === null ? null : { days, known: 1 } },
  target: reached === null ? null : { amount: money('1'), basis: 'given', reached }, target_won: null, target_converted: null,
});

describe('performance', () => {
  const lines = [line('a', '10', '40', '0.5'), line('b', '30', null, null), line('c', '20', '12', '1.2')];
  it('puts the most first, the quickest first, and the unknown last', () => {
    expect(ranked(lines, 'won_amount').map(({ title }) => title)).toEqual(['b', 'c', 'a']);
    expect(ranked(lines, 'cycle').map(({ title }) => title)).toEqual(['c', 'a', 'b']);
    expect(ranked(lines, 'reached').map(({ title }) => title)).toEqual(['c', 'a', 'b']);
  });
  it('gives one place to who won the same, in the order of deals and names', () => {
    const same = [line('丙', '20', null, null), line('甲', '30', null, null), line('乙', '30', null, null), { ...line('丁', '30', null, null), now: { won_amount: money('30'), won: 2 } }];
    const order = ranked(same, 'won_amount');
    expect(order.map(({ title }) => title)).toEqual(['丁', '甲', '乙', '丙']);
    expect(order.map((one) => placeOf(order, one))).toEqual([1, 1, 1, 4]);
  });
  it('knows a sum that is only of what one sees', () => {
    const seen = { ...line('a', '10', null, null), where: { won: { all: [] }, closed: { all: [] } } };
    expect(seesAll([seen, seen])).toBe(true);
    expect(seesAll([seen, line('b', '30', null, null)])).toBe(false);
  });
  it('compares only with something', () => {
    expect(change(money('30'), money('20'))).toBeCloseTo(0.5);
    expect(change(money('30'), money('0'))).toBeNull();
  });
});

describe('targets', () => {
  const grid: Grid = {
    measure: 'won_amount', currency: 'CNY', periods: [{ code: '2026-01', starts_on: '2026-01-01' }, { code: '2026-02', starts_on: '2026-02-01' }],
    lines: [
      { subject: 'person', id: '7', title: '陈', writable: true, cells: [{ basis: 'given', value: money('100.00') }, { basis: 'none', value: null }] },
      { subject: 'department', id: '9', title: '部', writable: false, cells: [{ basis: 'rolled_up', value: money('100.00') }, { basis: 'none', value: null }] },
    ],
  };
  it('sends what was changed, an emptied cell as nothing', () => {
    expect(changedCells(grid, { '0:0': '', '0:1': '5,000' })).toEqual([
      { subject: 'person', id: '7', starts_on: '2026-01-01', value: null },
      { subject: 'person', id: '7', starts_on: '2026-02-01', value: '5000' },
    ]);
    expect(changedCells(grid, { '0:0': '100' })).toEqual([]);
  });
  it('names the cell that is refused, whatever stands unchanged before it', () => {
    expect(refusedCell(grid, { '0:0': '100', '0:1': '6万' }, ['/cells/0/amount'])).toBe('0:1');
    expect(refusedCell(grid, { '0:1': '6万' }, [])).toBeUndefined();
  });
  it('takes a block from a spreadsheet, within the grid and where one may write', () => {
    expect(pasted(grid, 0, 1, '1\t2\n3\t4')).toEqual({ '0:1': '1' });
    expect(pasted(grid, 0, 0, '1\t2\n3\t4\n')).toEqual({ '0:0': '1', '0:1': '2' });
  });
});
