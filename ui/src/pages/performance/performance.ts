import type { Condition, Money } from '@/api/types';
import type { Period } from '@/sales/period';

export interface Rate {
  value: string;
  low: string;
  high: string;
  known: number;
}

/** What is known of a line; of colleagues whose records one may not open, won alone. */
export interface Figures {
  won_amount: Money;
  won: number;
  other?: number;
  lost?: number;
  win_rate?: Rate | null;
  cycle?: { days: string; known: number } | null;
  leads?: number;
  lead_conversion?: Rate | null;
  converted?: number;
  follow_ups?: number;
}

interface Planned {
  basis: 'given' | 'summed' | 'summed_in_part' | 'rolled_up' | 'shared';
  reached: string | null;
}

export type TargetShown = Planned & { amount: Money };
export type CountTarget = Planned & { count: number };

/** What is planned: an amount, won deals, converted leads. */
export interface Targets {
  target: TargetShown | null;
  target_won: CountTarget | null;
  target_converted: CountTarget | null;
}

export interface Opens {
  won: Condition;
  closed: Condition;
  leads?: Condition;
  converted?: Condition;
  follow_ups?: Condition;
}

export interface Line extends Targets {
  id: string | null;
  title: string;
  opens: boolean;
  now: Figures;
  before: Figures;
  where?: Opens;
}

export interface PerformanceReport {
  period: Period;
  before: Period;
  /** The period is not over: as many days of the earlier one are compared. */
  cut: boolean;
  by: string;
  currency: string;
  dimensions: { name: string; label: string }[];
  total: Targets & { now: Figures; before: Figures; where: Opens };
  lines: Line[];
  trend: { period: Period; won_amount: Money; won: number; target: TargetShown | null }[];
}

export const amountOf = (money: Money | null | undefined): number => Number(money?.amount ?? 0);

/** Change against the earlier period as a share of it; null when there was nothing. */
export function change(now: Money, before: Money): number | null {
  const base = amountOf(before);
  return base > 0 ? amountOf(now) / base - 1 : null;
}

export const columns = ['won_amount', 'won', 'reached', 'win_rate', 'cycle', 'lead_conversion', 'follow_ups'] as const;
export type Column = (typeof columns)[number];

function valueOf(line: Line, column: Column): number | null {
  const { now } = line;
  const number = (text: string | undefined) => (text === undefined ? null : Number(text));
  switch (column) {
    case 'won_amount': return amountOf(now.won_amount);
    case 'won': return now.won;
    case 'reached': return line.target?.reached ? Number(line.target.reached) : null;
    case 'win_rate': return number(now.win_rate?.value);
    case 'cycle': return number(now.cycle?.days);
    case 'lead_conversion': return number(now.lead_conversion?.value);
    default: return now.follow_ups ?? null;
  }
}

/** Of some one is told only what the ranking says: the sum is without them. */
export const seesAll = (lines: Line[]): boolean => lines.every(({ where }) => where);

/** Best first: most, but the shortest way to a win; what is not known comes last. Of the same, who won more deals, then by name. */
export function ranked(lines: Line[], column: Column): Line[] {
  const sign = column === 'cycle' ? -1 : 1;
  return [...lines].sort((a, b) => {
    const [x, y] = [valueOf(a, column), valueOf(b, column)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (y - x) || b.now.won - a.now.won || a.title.localeCompare(b.title, 'zh');
  });
}

/** The places of a ranking: who has won the same shares one. */
export const placeOf = (lines: Line[], line: Line): number =>
  1 + lines.filter(({ now }) => amountOf(now.won_amount) > amountOf(line.now.won_amount)).length;
