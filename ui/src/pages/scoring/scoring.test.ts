import { describe, expect, it } from 'vitest';
import { bodyOf, cardOf, errorsByRule, freeKey, givingRules, linePoints, placed, signedPoints, type Rule, type ScoredRule } from './scoring';

const rule = (key: string, more: Partial<Rule> = {}): Rule => ({ key, name: key, points: 5, ...more });
const scored = (key: string, points: number) => ({ key, points }) as ScoredRule;

describe('score cards', () => {
  it('sends of a rule only what belongs to its kind', () => {
    const card = { ...cardOf(null), rules: [rule('a', { when: { field: 'x', op: 'is_empty' }, cap: 9 }), rule('b', { event: 'page.viewed', cap: 0, per_day: null, lasts_days: 30 })] };
    expect(bodyOf(card).rules).toEqual([
      { key: 'a', name: 'a', points: 5, when: { field: 'x', op: 'is_empty' } },
      { key: 'b', name: 'b', points: 5, event: 'page.viewed', where: [], lasts_days: 30 },
    ]);
  });

  it('finds a key that is free', () => {
    expect(freeKey([])).toBe('r1');
    expect(freeKey([rule('r2'), rule('x')])).toBe('r3');
    expect(freeKey([rule('r2')])).toBe('r3');
  });

  it('moves a rule to another place', () => {
    expect(placed(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
    expect(placed(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
    expect(placed(['a'], 5, 0)).toEqual(['a']);
  });

  it('tells errors by rule', () => {
    const errors = [{ pointer: '/rules/1/points', code: 'x', message: 'no' }, { pointer: '/maximum', code: 'y', message: 'low' }];
    const found = errorsByRule({ type: '', title: '', status: 422, errors });
    expect(found.get(1)).toEqual(['no']);
    expect(found.get(-1)).toEqual(['low']);
  });

  it('shows what gives something, the weightiest first', () => {
    expect(givingRules([scored('a', 3), scored('b', 0.2), scored('c', -12), scored('d', 9)]).map(({ key }) => key)).toEqual(['c', 'd', 'a']);
    expect(signedPoints(12.34)).toBe('+12.3');
    expect(signedPoints(-3)).toBe('−3');
  });

  it('draws steps, not slopes', () => {
    const trend = [{ at: '2026-01-01T00:00:00Z', score: 0 }, { at: '2026-01-02T00:00:00Z', score: 50 }];
    expect(linePoints(trend, Date.parse('2026-01-03T00:00:00Z'), [100, 10], [0, 100])).toBe('0.0,10.0 50.0,10.0 50.0,5.0 100,5.0');
    expect(linePoints([], 0, [1, 1], [0, 1])).toBe('');
  });
});
