import dayjs, { type Dayjs } from 'dayjs';
import type { Formatter } from '@/format/format';
import type { Language } from '@/api/types';

/** A span of whole days as the server gives it, the last day included. */
export interface Period {
  kind: PeriodKind;
  code: string;
  from: string;
  to: string;
}

export const periodKinds = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type PeriodKind = (typeof periodKinds)[number];

const quartersZh = ['一', '二', '三', '四'];

/** 2026 年 11 月, 2026 年第四季度; November 2026, Q4 2026. */
export function periodLabel(period: Pick<Period, 'kind' | 'from' | 'to'>, format: Formatter, language: Language): string {
  const first = dayjs(period.from);
  const zh = language === 'zh';
  switch (period.kind) {
    case 'day': return format.spokenDay(period.from);
    case 'week': return `${format.date(period.from)} – ${format.date(period.to)}`;
    case 'month': return format.month(period.from);
    case 'quarter': {
      const number = Math.floor(first.month() / 3);
      return zh ? `${first.year()} 年第${quartersZh[number]}季度` : `Q${number + 1} ${first.year()}`;
    }
    default: return zh ? `${first.year()} 年` : String(first.year());
  }
}

/** A short name of a period by its code, for axes: 11 月, Q4, 2026. */
export function shortPeriod(code: string, language: Language): string {
  const [year = '', rest] = code.split('-');
  if (!rest) return year;
  if (/^\d+$/.test(rest)) return language === 'zh' ? `${Number(rest)} 月` : dayjs(`${code.slice(0, 7)}-01`).toDate().toLocaleString('en-GB', { month: 'short' });
  return rest;
}

/** The first day of the period n later. */
export function stepped(from: string, kind: PeriodKind, n: number): string {
  const day: Dayjs = dayjs(from);
  const next = kind === 'quarter' ? day.add(3 * n, 'month') : day.add(n, kind);
  return next.format('YYYY-MM-DD');
}

const quarterOf = (day: Dayjs): [Dayjs, Dayjs] => {
  const start = day.month(Math.floor(day.month() / 3) * 3).startOf('month');
  return [start, start.add(2, 'month').endOf('month')];
};

/** What a picker of days offers: this and the last quarter and year, whole. */
export function spans(today: Dayjs) {
  const year = (day: Dayjs): [Dayjs, Dayjs] => [day.startOf('year'), day.endOf('year')];
  return [
    { label: 'period.this_quarter' as const, value: quarterOf(today) }, { label: 'period.last_quarter' as const, value: quarterOf(today.subtract(3, 'month')) },
    { label: 'period.this_year' as const, value: year(today) }, { label: 'period.last_year' as const, value: year(today.subtract(1, 'year')) },
  ];
}

/** How much of the period is over, 0 to 1. */
export function gone(period: Pick<Period, 'from' | 'to'>, today: string): number {
  const days = dayjs(period.to).diff(dayjs(period.from), 'day') + 1;
  return Math.min(Math.max((dayjs(today).diff(dayjs(period.from), 'day') + 1) / days, 0), 1);
}
