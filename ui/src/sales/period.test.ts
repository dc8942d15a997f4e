import { describe, expect, it } from 'vitest';
import { Formatter } from '@/format/format';
import { gone, periodLabel, shortPeriod, stepped } from './period';

const zh = new Formatter({ language: 'zh', timeZone: 'Asia/Shanghai' });

describe('periods', () => {
  it('are named in the language of the reader', () => {
    expect(periodLabel({ kind: 'quarter', from: '2026-10-01', to: '2026-12-31' }, zh, 'zh')).toBe('2026 年第四季度');
    expect(periodLabel({ kind: 'quarter', from: '2026-10-01', to: '2026-12-31' }, zh, 'en')).toBe('Q4 2026');
    expect(periodLabel({ kind: 'month', from: '2026-11-01', to: '2026-11-30' }, zh, 'zh')).toBe('2026 年 11 月');
    expect(shortPeriod('2026-11', 'zh')).toBe('11 月');
    expect(shortPeriod('2026-Q3', 'zh')).toBe('Q3');
    expect(shortPeriod('2026', 'en')).toBe('2026');
  });
  it('step over the ends of years', () => {
    expect(stepped('2026-10-01', 'quarter', 1)).toBe('2027-01-01');
    expect(stepped('2026-01-01', 'month', -1)).toBe('2025-12-01');
    expect(stepped('2026-11-23', 'week', 1)).toBe('2026-11-30');
  });
  it('know how much of them is over', () => {
    expect(gone({ from: '2026-11-01', to: '2026-11-30' }, '2026-11-15')).toBe(0.5);
    expect(gone({ from: '2026-11-01', to: '2026-11-30' }, '2026-12-15')).toBe(1);
    expect(gone({ from: '2026-11-01', to: '2026-11-30' }, '2026-10-15')).toBe(0);
  });
});
