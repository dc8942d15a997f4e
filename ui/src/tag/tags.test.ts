import { describe, expect, it } from 'vitest';
import { conditionOf, draftOf } from '@/condition/draft';
import { timesOf, windowOf, withTimes, withWindow } from '@/condition/other';
import type { Condition, EventLeaf } from '@/api/types';
import { piecesOf, toneOf } from './tags';

describe('tags', () => {
  it('cuts many ids into pieces', () => {
    expect(piecesOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(piecesOf([], 2)).toEqual([]);
  });
  it('knows a tone for every colour', () => {
    expect(toneOf('red')).toBe('bad');
    expect(toneOf('violet')).toBe('idle');
  });
});

describe('leaves that ask for no field', () => {
  const leaf: EventLeaf = { event: 'page.viewed', count: { gte: 3 }, within: '30d' };
  it('come back from the draft as they were', () => {
    const condition: Condition = { all: [{ tag: '1' }, { not: { segment: '2' } }, leaf, { related: 'lead', where: { field: 'a', op: 'eq', value: 1 } }] };
    expect(conditionOf(draftOf(condition))).toEqual(condition);
  });
  it('are left out while nothing is chosen', () => {
    expect(conditionOf({ mode: 'all', items: [{ field: '', op: '', other: { tag: '' } }] })).toBeNull();
    expect(conditionOf({ mode: 'all', items: [{ field: '', op: '', other: { event: 'a.b', between: ['2026-01-01', ''] } }] })).toBeNull();
  });
  it('change their window', () => {
    expect(windowOf(withWindow(leaf, 'older_than'))).toBe('older_than');
    expect(withWindow(leaf, 'older_than')).toEqual({ event: 'page.viewed', older_than: '30d' });
    expect(withWindow(leaf, 'ever')).toEqual({ event: 'page.viewed', count: { gte: 3 } });
    expect(withWindow(withWindow(leaf, 'older_than'), 'within')).toEqual({ event: 'page.viewed', count: { gte: 1 }, within: '30d' });
  });
  it('change how often', () => {
    expect(timesOf(leaf)).toBe('least');
    expect(timesOf(withTimes(leaf, 'never'))).toBe('never');
    expect(withTimes(leaf, 'most', 2).count).toEqual({ lte: 2 });
  });
});
