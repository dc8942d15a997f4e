import { describe, expect, it } from 'vitest';
import type { Condition, RecordRow } from '@/api/types';
import { matches } from '../../dev/mock/conditions';
import { wholeYears } from './describe';
import { bothOf, conditionOf, draftOf, isUnfinished } from './draft';

const a: Condition = { field: 'a', op: 'eq', value: 1 };
const b: Condition = { field: 'b', op: 'eq', value: 1 };
const c: Condition = { field: 'c', op: 'eq', value: 1 };

const records = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  id: String(bits), version: 1, created_at: '', updated_at: '', a: bits & 1, b: (bits >> 1) & 1, c: (bits >> 2) & 1,
})) as RecordRow[];
const truth = (condition: Condition | null) => records.map((record) => matches(condition, record, '1'));

describe('draft of a condition', () => {
  const conditions: Condition[] = [
    a,
    { all: [a, b] },
    { any: [a, { all: [b, c] }] },
    { not: a },
    { not: { all: [a, b] } },
    { not: { any: [a, { not: b }] } },
    { all: [a, { not: { not: { any: [b, c] } } }] },
  ];
  it.each(conditions.map((condition) => [JSON.stringify(condition), condition] as const))('%s keeps its meaning', (_, condition) => {
    expect(truth(conditionOf(draftOf(condition)))).toEqual(truth(condition));
  });

  it('leaves out what is not complete', () => {
    expect(conditionOf({ mode: 'all', items: [{ field: 'a', op: 'eq' }, { field: 'b', op: 'in', value: [] }] })).toBeNull();
    expect(conditionOf({ mode: 'any', items: [{ field: 'a', op: '' }, { field: 'b', op: 'is_me' }] })).toEqual({ field: 'b', op: 'is_me' });
    expect(conditionOf({ mode: 'all', items: [{ field: 'a', op: 'between', value: ['1', null] }] })).toBeNull();
  });

  it('drops a value an operator does not take', () => {
    expect(conditionOf({ mode: 'all', items: [{ field: 'a', op: 'is_empty', value: 'x' }] })).toEqual({ field: 'a', op: 'is_empty' });
  });

  it('keeps zero and false as values', () => {
    expect(conditionOf({ mode: 'all', items: [{ field: 'a', op: 'eq', value: 0 }] })).toEqual({ field: 'a', op: 'eq', value: 0 });
    expect(conditionOf({ mode: 'all', items: [{ field: 'a', op: 'eq', value: false }] })).toEqual({ field: 'a', op: 'eq', value: false });
  });

  it('joins two conditions', () => {
    expect(bothOf(a, null)).toEqual(a);
    expect(bothOf(null, undefined)).toBeNull();
    expect(bothOf(a, b)).toEqual({ all: [a, b] });
  });
});

describe('days as years', () => {
  it('knows years with their leap days, and what is none', () => {
    expect([730, 9130, 11322, 740, 365, 30].map(wholeYears)).toEqual([2, 25, 31, 0, 0, 0]);
  });
});

it('is unfinished while a comparison in any group of it is', () => {
  const done = { field: 'score', op: 'gte', value: 60 };
  expect(isUnfinished({ mode: 'all', items: [done, { mode: 'any', items: [done] }] })).toBe(false);
  expect(isUnfinished({ mode: 'all', items: [done, { mode: 'any', items: [{ field: '', op: '' }] }] })).toBe(true);
  expect(isUnfinished({ mode: 'all', items: [] })).toBe(false);
});
