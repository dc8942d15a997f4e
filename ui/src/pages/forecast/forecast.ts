import type { Condition, Money, RecordRow } from '@/api/types';
import type { Period } from '@/sales/period';

export const parts = ['closed', 'commit', 'best_case', 'pipeline', 'omitted'] as const;
export type PartName = (typeof parts)[number];

export interface Part {
  part: PartName;
  amount: Money;
  count: number;
  where: Condition;
}

export interface Outlook {
  parts: Part[];
  expected: Money;
  low: Money;
  high: Money;
  opinions: Record<'open' | 'fresh' | 'deals' | 'history' | 'naive', Money>;
  target: Money | null;
  /** What managers add or take off, kept apart. */
  adjusted: Money;
  overdue: number;
  other: number;
}

export interface Snapshot {
  on: string;
  closed: Money;
  commit: Money;
  best_case: Money;
  pipeline: Money;
  expected: Money;
}

export interface PastPeriod {
  code: string;
  came: Money;
  said: Money;
  naive: Money;
}

export interface ForecastReport {
  period: Period;
  today: string;
  by: string;
  currency: string;
  dimensions: { name: string; label: string }[];
  total: Outlook;
  undated: number;
  lines: (Outlook & { id: string | null; title: string })[];
  record: {
    verdict: 'unknown' | 'better' | 'equal' | 'worse';
    accuracy: string;
    naive_accuracy: string;
    line_accuracy: string;
    naive_line_accuracy: string;
    periods: PastPeriod[];
  };
  snapshots: Snapshot[];
  adjustments: RecordRow[];
}

export const size = (money: Money | null | undefined): number => Number(money?.amount ?? 0);

export const partOf = (outlook: Outlook, name: PartName): Part | undefined => outlook.parts.find(({ part }) => part === name);

/** What is missing to the target by the expectation; below zero when it is passed. */
export function gap(outlook: Outlook): Money | null {
  if (!outlook.target) return null;
  const missing = size(outlook.target) - size(outlook.expected) - size(outlook.adjusted);
  return { amount: missing.toFixed(2), currency: outlook.target.currency };
}

/** With the managers' adjustments. */
export function judged(outlook: Outlook): Money {
  return { amount: (size(outlook.expected) + size(outlook.adjusted)).toFixed(2), currency: outlook.expected.currency };
}

/** How it stands against the target, and whether managers moved the sum that is measured. */
export function verdict(outlook: Outlook): 'short' | 'reached' | 'short_judged' | 'reached_judged' | null {
  const missing = gap(outlook);
  if (!missing) return null;
  const stands = size(missing) > 0 ? 'short' : 'reached';
  return size(outlook.adjusted) === 0 ? stands : `${stands}_judged`;
}
