import type { Condition, Money } from '@/api/types';

export const models = ['first', 'last', 'linear', 'decay', 'u', 'w', 'full', 'markov', 'shapley'] as const;
export type Model = (typeof models)[number];

export interface CreditRow {
  title: string;
  /** How many places the row stands for where there are too many to name; 0: it is one. */
  others: number;
  deals: number;
  touches: number;
  credits: Record<Model, Money>;
}

/** How much was looked at where there is more; null: all of it. */
export type Cut = { deals?: number; touches?: number } | null;

export interface AttributionReport {
  cut: Cut;
  from: string;
  to: string;
  window: number;
  by: 'channel' | 'campaign';
  model: Model;
  currency: string;
  deals: number;
  touches: number;
  other: number;
  revenue: Money;
  untouched: { deals: number; amount: Money; where: Condition | null };
  rows: CreditRow[];
}

export interface CreditTouch {
  at: string;
  channel: string;
  campaign: string;
  kind: 'visit' | 'capture';
  lead_id: string | null;
  credit: Money;
}

export interface CreditDeals {
  cut: Cut;
  count: number;
  model: Model;
  deals: { id: string; title: string; amount: Money; credit: Money; touches: CreditTouch[] }[];
}

export interface ReturnRow {
  /** Empty: what was spent on no campaign, or no channel. */
  title: string;
  /** How many places the row stands for where there are too many to name; 0: it is one. */
  others: number;
  /** How its leads call it: by the campaign's name or its code. */
  said: string[];
  /** How its costs call the channel. */
  booked: string[];
  cost: Money;
  leads: number;
  deals: number;
  customers: number;
  revenue: Money;
  cost_per_lead: Money | null;
  cost_per_customer: Money | null;
  ratio: string | null;
  net: string | null;
  where: Condition | null;
}

export interface ReturnReport {
  cut: Cut;
  /** Whether deals are counted: sales is on, and the reader may read them. */
  sold: boolean;
  /** Of what the reader may see, or what was counted, only a part: then no return is worked out. */
  partial: ('costs' | 'leads' | 'deals')[];
  from: string;
  to: string;
  window: number;
  by: 'channel' | 'campaign';
  model: Model;
  currency: string;
  rows: ReturnRow[];
  total: { cost: Money; leads: number; revenue: Money; ratio: string | null; net: string | null };
}

/** The place behind a cell as it stands in the address: nothing said, those that share a row, or a name. */
export const placeKey = ({ title, others }: { title: string; others: number }): string => (others ? '*' : title || '-');

export const size = (money: Money | null | undefined): number => Number(money?.amount ?? 0);

/** The most credit by the model first. */
export const byCredit = (rows: CreditRow[], model: Model): CreditRow[] => [...rows].sort((a, b) => size(b.credits[model]) - size(a.credits[model]));

/** Between which the models see a row. */
export function range(row: CreditRow): [number, number] {
  const all = models.map((model) => size(row.credits[model]));
  return [Math.min(...all), Math.max(...all)];
}

/** The row the models agree least about, by the width of its range. */
export function mostDisputed(rows: CreditRow[]): CreditRow | null {
  const width = (row: CreditRow) => { const [low, high] = range(row); return high - low; };
  return rows.reduce<CreditRow | null>((worst, row) => (width(row) > (worst ? width(worst) : 0) ? row : worst), null);
}

/** 50 : 1, 2.7 : 1 */
export function ratioText(ratio: string): string {
  const value = Number(ratio);
  return `${value >= 10 ? Math.round(value) : Number(value.toFixed(1))} : 1`;
}

/** What every model's column adds up to, the deals nobody was seen to lead to included. */
export function columnSum(report: AttributionReport, model: Model): Money {
  const cents = report.rows.reduce((sum, row) => sum + Math.round(size(row.credits[model]) * 100), Math.round(size(report.untouched.amount) * 100));
  return { amount: (cents / 100).toFixed(2), currency: report.currency };
}
