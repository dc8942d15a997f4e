import type { Condition, Problem, RecordRow } from '@/api/types';

export const whereOps = ['is', 'is_not', 'starts_with', 'contains', 'gte', 'lte'] as const;
export type WhereOp = (typeof whereOps)[number];

/** A condition on a member of an event: the path of the page, its campaign … */
export interface Where {
  key: string;
  op: WhereOp;
  value: string;
}

/** Points for a condition on the record (`when`), or each time something happens (`event`). */
export interface Rule {
  key: string;
  name: string;
  points: number;
  when?: Condition | null;
  event?: string;
  where?: Where[];
  cap?: number | null;
  per_day?: number | null;
  half_life_days?: number | null;
  lasts_days?: number | null;
}

export type CardKind = 'lead' | 'person';

export interface Card {
  name: string;
  entity_name: CardKind;
  audience: Condition | null;
  rules: Rule[];
  minimum: number;
  maximum: number;
  middle_from: number;
  high_from: number;
  margin: number;
  description: string;
}

export type Tier = 'low' | 'middle' | 'high';
export const tiers: Tier[] = ['low', 'middle', 'high'];
export const tierTones: Record<Tier, string> = { low: '', middle: 'info', high: 'ok' };

export interface ScoredEvent {
  event_id: string | null;
  at: string;
  type: string;
  points: number;
  what: string;
  path: string;
}

export interface ScoredRule {
  key: string;
  name: string;
  event: string;
  /** Why it gives nothing: it asks for a field or choice that is no more. */
  broken: string;
  points_each: number;
  points: number;
  holds: boolean;
  hits: number;
  capped: boolean;
  cap: number;
  per_day: number;
  half_life_days: number;
  lasts_days: number;
  events: ScoredEvent[];
}

export interface ScoredCard {
  id: string | null;
  name: string;
  version: number;
  minimum: number;
  maximum: number;
  middle_from: number;
  high_from: number;
  margin: number;
}

export interface Explained {
  card?: ScoredCard;
  raw?: number;
  rules?: ScoredRule[];
}

export interface Score extends Explained {
  score: number | null;
  tier: Tier | null;
  closed: boolean;
  next?: { at: string; score: number } | null;
  trend: { at: string; score: number; tier: Tier | null; event_id: string | null }[];
  others: { card_id: string; card: string; score: number; tier: Tier }[];
}

export interface Tried extends Explained {
  fits: boolean;
  score: number;
  tier: Tier;
}

export interface Side {
  low: number;
  middle: number;
  high: number;
  auc: number | null;
  bands: { from: number; to: number; leads: number; decided: number; won: number }[];
}

export interface WhatIf {
  leads: number;
  complete: boolean;
  decided: number;
  won: number;
  moved: number;
  up: number;
  down: number;
  list: { id: string; name: string; score_before: number; score_after: number; tier_before: Tier | null; tier_after: Tier | null }[];
  before: Side;
  after: Side;
}

export interface EventChoice {
  type: string;
  label: string;
  behaviour: boolean;
}

/** Members that events of the site have, by their path. */
export const members = ['path', 'title', 'referrer', 'dwell_ms', 'name', 'utm.utm_source', 'utm.utm_medium', 'utm.utm_campaign'] as const;

const emptyCard: Card = {
  name: '', entity_name: 'lead', audience: null, rules: [], minimum: 0, maximum: 100, middle_from: 30, high_from: 60, margin: 3, description: '',
};

export function cardOf(record: RecordRow | null): Card {
  if (!record) return emptyCard;
  const number = (name: keyof Card) => (typeof record[name] === 'number' ? record[name] : (emptyCard[name] as number));
  return {
    name: String(record.name ?? ''), entity_name: record.entity_name === 'person' ? 'person' : 'lead', audience: (record.audience as Condition | null) ?? null,
    rules: Array.isArray(record.rules) ? (record.rules as Rule[]) : [], minimum: number('minimum'), maximum: number('maximum'), middle_from: number('middle_from'),
    high_from: number('high_from'), margin: number('margin'), description: String(record.description ?? ''),
  };
}

/** As the server takes it: of a rule only what belongs to its kind, numbers that are none left out. */
export function bodyOf(card: Card): Record<string, unknown> {
  return { ...card, description: card.description || null, rules: card.rules.map(ruleBody) };
}

function ruleBody({ key, name, points, when, event, where, ...limits }: Rule): Record<string, unknown> {
  if (event === undefined) return { key, name, points, when };
  const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => typeof value === 'number' && value > 0));
  return { key, name, points, event, where: where ?? [], ...given };
}

/** A key no other rule has. */
export function freeKey(rules: Rule[]): string {
  let n = rules.length + 1;
  while (rules.some(({ key }) => key === `r${n}`)) n += 1;
  return `r${n}`;
}

/** The list with one item at another place. */
export function placed<T>(list: T[], from: number, to: number): T[] {
  const rest = list.filter((_, index) => index !== from);
  const item = list[from];
  return item === undefined ? list : [...rest.slice(0, to), item, ...rest.slice(to)];
}

/** What is wrong, by the rule it is in; the rest under −1. */
export function errorsByRule(problem: Problem | undefined): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const { pointer, message } of problem?.errors ?? []) {
    const rule = /^\/rules\/(\d+)\//.exec(pointer)?.[1];
    const at = rule === undefined ? -1 : Number(rule);
    found.set(at, [...(found.get(at) ?? []), message]);
  }
  return found;
}

/** Rules that give something, the weightiest first. */
export function givingRules(rules: ScoredRule[]): ScoredRule[] {
  return rules.filter(({ points }) => Math.round(points) !== 0).toSorted((a, b) => Math.abs(b.points) - Math.abs(a.points));
}

/** +15, −3 */
export function signedPoints(points: number): string {
  const rounded = Math.round(points * 10) / 10;
  if (rounded === 0) return '0';
  return `${rounded < 0 ? '−' : '+'}${Math.abs(rounded)}`;
}

/** Points of a line through the trend, in a box of the given size; the last value holds until now. */
export function linePoints(trend: { at: string; score: number }[], now: number, [width, height]: [number, number], [low, high]: [number, number]): string {
  const first = trend[0];
  if (!first) return '';
  const start = Date.parse(first.at);
  const span = Math.max(now - start, 1);
  const y = (score: number) => height - ((score - low) / Math.max(high - low, 1)) * height;
  const steps = trend.flatMap(({ at, score }, index) => {
    const x = ((Date.parse(at) - start) / span) * width;
    const before = trend[index - 1];
    return before ? [`${x.toFixed(1)},${y(before.score).toFixed(1)}`, `${x.toFixed(1)},${y(score).toFixed(1)}`] : [`${x.toFixed(1)},${y(score).toFixed(1)}`];
  });
  const last = trend[trend.length - 1];
  return [...steps, `${width},${y(last ? last.score : 0).toFixed(1)}`].join(' ');
}
