import { describe, expect, it } from 'vitest';
import type { RecordRow } from '@/api/types';
import { isStalled, sumOf, withMoved, type BoardColumn, type BoardData } from './board';

const yuan = (amount: string) => ({ amount, currency: 'CNY' });
const deal = (id: string, amount: string | null): RecordRow =>
  ({ id, version: 1, created_at: '', updated_at: '', name: id, amount: amount === null ? null : yuan(amount), stage_entered_at: '2026-11-01T00:00:00.000Z' });
const column = (id: string, probability: string, sum: string, weighted: string, cards: RecordRow[]): BoardColumn => ({
  stage: { id, name: id, kind: 'open', position: 0, probability, usual_days: 14, required_fields: [], version: 1, created_at: '', updated_at: '' },
  count: 30, sum: yuan(sum), weighted: yuan(weighted), unknown_amounts: 1, cards,
});
const board = (): BoardData => ({
  pipeline: { id: 'p', name: 'p' },
  columns: [
    column('a', '0.1', '300.10', '30.01', [deal('x', '100.05'), deal('y', null)]),
    column('b', '0.5', '0.20', '0.10', []),
  ],
});

describe('board', () => {
  it('moves a card with its count and exact sums', () => {
    const [a, b] = withMoved(board(), 'x', 'b', '2026-11-23T00:00:00.000Z').columns;
    expect(a).toMatchObject({ count: 29, sum: yuan('200.05'), weighted: yuan('20.00'), unknown_amounts: 1 });
    expect(a?.cards.map(({ id }) => id)).toEqual(['y']);
    expect(b).toMatchObject({ count: 31, sum: yuan('100.25'), weighted: yuan('50.12') });
    expect(b?.cards[0]).toMatchObject({ id: 'x', stage_id: 'b', stage_entered_at: '2026-11-23T00:00:00.000Z' });
  });
  it('counts a deal without amount apart', () => {
    const [a, b] = withMoved(board(), 'y', 'b', '').columns;
    expect([a?.unknown_amounts, b?.unknown_amounts]).toEqual([0, 2]);
    expect(b?.sum).toEqual(yuan('0.20'));
  });
  it('leaves the board alone for its own stage and for unknown deals', () => {
    const before = board();
    expect(withMoved(before, 'x', 'a', '')).toBe(before);
    expect(withMoved(before, 'z', 'b', '')).toBe(before);
  });
  it('never adds currencies', () => {
    expect(sumOf('CNY', [yuan('-0.30'), yuan('0.10'), { amount: '5.00', currency: 'USD' }])).toEqual(yuan('-0.20'));
  });
  it('calls a deal stalled only beyond the usual days of an open stage', () => {
    const { stage } = column('a', '0', '0', '0', []);
    const at = (days: number) => Date.parse('2026-11-01T00:00:00.000Z') + days * 86_400_000;
    expect(isStalled(deal('x', null), stage, at(14))).toBe(false);
    expect(isStalled(deal('x', null), stage, at(15))).toBe(true);
    expect(isStalled(deal('x', null), { ...stage, kind: 'won' }, at(99))).toBe(false);
    expect(isStalled(deal('x', null), { ...stage, usual_days: null }, at(99))).toBe(false);
  });
});
