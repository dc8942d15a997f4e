import type { Condition, ConditionLeaf, Money } from '@/api/types';

/** A share with its 95 % interval and the number of cases it is taken from. */
export interface Rate {
  value: string;
  low: string;
  high: string;
  known: number;
}

/** A step of what became of deals. */
export interface DealsStep {
  step: string;
  label: string;
  reached: number;
  current: number;
  /** Cases of which nobody knows whether they reached the step. */
  unknown: number;
  conversion: Rate | null;
  threshold: string | null;
  entity: 'leads' | 'opportunities';
}

export interface Counted {
  count: number;
  amounts: Money[];
  where: Condition;
}

export interface Split {
  id: string | null;
  title: string;
  won: number;
  lost: number;
  win_rate: Rate | null;
  amounts: Money[];
}

/** What became of the deals of a period. */
export interface DealsReport {
  steps: DealsStep[];
  leads_where: Condition;
  /** Condition of all deals counted. */
  where: Condition;
  won: Counted;
  lost: Counted;
  open: Counted;
  win_rate: Rate | null;
  mean_days_to_close: { all: string | null; won: string | null } | null;
  by_quarter: Split[];
  by_owner: Split[];
  by_product: Split[];
  lost_reasons: Split[];
}

/** Of leads: how many of a period reached the step; of a period: how many came to it. */
export interface FunnelStep {
  step: string;
  label: string;
  entity: 'leads' | 'opportunities';
  reached: number;
  /** Still under way at this step, the furthest they came to. */
  open: number;
  where: Condition;
  open_where: Condition | null;
  conversion: Rate | null;
  /** Of those whose fate at the step is settled. */
  settled: Rate | null;
  threshold: string | null;
  verdict: 'below' | 'perhaps' | 'fine' | 'little' | null;
  before: { reached: number; conversion: Rate | null } | null;
}

export interface FunnelReport {
  view: 'leads' | 'period';
  steps: FunnelStep[];
  bottleneck: string | null;
  sample_least: number;
}

/** One group that does worse than all others together. */
export interface CauseGroup {
  dimension: string;
  label: string;
  id: string | null;
  title: string;
  n: number;
  passed: number;
  rate: Rate | null;
  rest: string;
  missing: string;
  p: string;
  where: Condition;
}

export interface StepTime {
  step: string;
  median_days: number | null;
  p90_days: number | null;
  passed: number;
  not_yet: number;
}

export interface FunnelCause {
  step: string;
  n: number;
  passed: number;
  comparisons: number;
  sentence: string;
  finding: CauseGroup | null;
  worst: CauseGroup[];
  times: StepTime[];
}

export const views = ['leads', 'period', 'deals'] as const;
export type FunnelView = (typeof views)[number];

/** What may be said when no step is narrow: of all of them, of those with cases enough, or of none. */
export function verdictOf({ steps }: FunnelReport): 'fine' | 'some' | 'little' {
  const little = steps.some(({ verdict }) => verdict === 'little');
  const judged = steps.some(({ verdict }) => verdict === 'fine' || verdict === 'perhaps' || verdict === 'below');
  return !judged && little ? 'little' : little ? 'some' : 'fine';
}

/** The difference of two shares in points; null when one is not known. */
export function pointsBetween(now: Rate | null, before: Rate | null): number | null {
  return now && before ? (Number(now.value) - Number(before.value)) * 100 : null;
}

export interface FunnelFilter {
  team: string | null;
  product: string | null;
  source: string | null;
  region: string | null;
  pipeline: string | null;
  from: string | null;
  to: string | null;
  owner: string | null;
  department: string | null;
}

export const splits = ['by_quarter', 'by_owner', 'by_product', 'lost_reasons'] as const;
export type SplitName = (typeof splits)[number];

/** How sure a rate is beside its threshold: below even at the upper end, perhaps below, or not below. */
export function judge(rate: Rate | null, threshold: string | null): 'below' | 'perhaps' | 'above' | null {
  if (!rate || threshold === null) return null;
  if (Number(rate.high) < Number(threshold)) return 'below';
  return Number(rate.value) < Number(threshold) ? 'perhaps' : 'above';
}

/** The step that falls short of its threshold by most, one that surely does first. */
export function narrowest(steps: DealsStep[]): DealsStep | null {
  const gap = (step: DealsStep) => Number(step.threshold) - Number(step.conversion?.value);
  const short = steps.filter((step) => step.conversion && step.threshold !== null && gap(step) > 0);
  const surely = short.filter((step) => judge(step.conversion, step.threshold) === 'below');
  return (surely.length > 0 ? surely : short).reduce<DealsStep | null>((worst, step) => (worst && gap(worst) >= gap(step) ? worst : step), null);
}

/** First and last day of "2026-Q3". */
export function quarterDays(quarter: string): [string, string] | null {
  const [, year, number] = /^(\d{4})-Q([1-4])$/.exec(quarter) ?? [];
  if (!year || !number) return null;
  const first = Number(number) * 3 - 2;
  const days = new Date(Date.UTC(Number(year), first + 2, 0)).getUTCDate();
  const month = (value: number) => String(value).padStart(2, '0');
  return [`${year}-${month(first)}-01`, `${year}-${month(first + 2)}-${days}`];
}

/** What the deals of one line of a split have in common. */
export function splitLeaves(split: SplitName, line: Split): ConditionLeaf[] {
  if (split === 'by_quarter') {
    const days = quarterDays(line.title);
    return [days ? { field: 'closed_date', op: 'between', value: days } : { field: 'closed_date', op: 'is_empty' }];
  }
  const field = { by_owner: 'owner_id', by_product: 'product_id', lost_reasons: 'lost_reason_id' }[split];
  return [line.id === null ? { field, op: 'is_empty' } : { field, op: 'eq', value: line.id }];
}

/** Which lists open exactly what a step counts: leads, all deals, those won; the others need the history. */
export function reachedWhere(step: DealsStep, report: DealsReport, leads: Condition): Condition | null {
  if (step.step === 'lead') return leads;
  if (step.step === 'opportunity') return report.where;
  return step.step === 'order' && step.reached === report.won.count ? report.won.where : null;
}
