import { describe, expect, it } from 'vitest';
import { and } from '@/condition/where';
import { judge, narrowest, pointsBetween, quarterDays, splitLeaves, verdictOf, type DealsStep, type FunnelReport, type Split } from './funnel';

const rate = (value: string, low: string, high: string) => ({ value, low, high, known: 50 });
const step = (name: string, value: string | null, threshold: string | null): DealsStep => ({
  step: name, label: name, reached: 1, current: 0, unknown: 0, threshold, entity: 'opportunities',
  conversion: value === null ? null : rate(value, '0', '1'),
});
const line = (id: string | null, title: string): Split => ({ id, title, won: 1, lost: 1, win_rate: null, amounts: [] });

describe('funnel', () => {
  it('calls a rate below its threshold only when the whole interval is', () => {
    expect(judge(rate('0.38', '0.33', '0.44'), '0.45')).toBe('below');
    expect(judge(rate('0.38', '0.33', '0.46'), '0.45')).toBe('perhaps');
    expect(judge(rate('0.50', '0.33', '0.60'), '0.45')).toBe('above');
    expect(judge(null, '0.45')).toBeNull();
  });
  it('finds the step that falls short by most and leaves unknown ones out', () => {
    expect(narrowest([step('a', '0.40', '0.50'), step('b', '0.20', '0.90'), step('c', null, '0.90')])?.step).toBe('b');
    const surely = { ...step('s', '0.40', '0.50'), conversion: rate('0.40', '0.35', '0.45') };
    expect(narrowest([step('a', '0.20', '0.90'), surely])?.step).toBe('s');
    expect(narrowest([step('a', '0.60', '0.50'), step('b', '0.10', null)])).toBeNull();
  });
  it('says nothing of steps with few cases', () => {
    const report = (...verdicts: (string | null)[]) => ({ steps: verdicts.map((verdict) => ({ verdict })) }) as FunnelReport;
    expect(verdictOf(report('little', 'little', null))).toBe('little');
    expect(verdictOf(report('fine', 'little', null))).toBe('some');
    expect(verdictOf(report('fine', 'fine', null))).toBe('fine');
  });
  it('tells a change in points, and nothing of what is not known', () => {
    expect(pointsBetween(rate('0.38', '0', '1'), rate('0.472', '0', '1'))).toBeCloseTo(-9.2);
    expect(pointsBetween(rate('0.38', '0', '1'), null)).toBeNull();
  });
  it('knows the days of a quarter', () => {
    expect(quarterDays('2026-Q4')).toEqual(['2026-10-01', '2026-12-31']);
    expect(quarterDays('2024-Q1')).toEqual(['2024-01-01', '2024-03-31']);
    expect(quarterDays('')).toBeNull();
  });
  it('makes the condition of a line', () => {
    expect(splitLeaves('by_owner', line('7', '陈思远'))).toEqual([{ field: 'owner_id', op: 'eq', value: '7' }]);
    expect(splitLeaves('by_product', line(null, ''))).toEqual([{ field: 'product_id', op: 'is_empty' }]);
    expect(and({ field: 'a', op: 'is_empty' }, { field: 'b', op: 'is_me' })).toEqual({ all: [{ field: 'a', op: 'is_empty' }, { field: 'b', op: 'is_me' }] });
  });
});
