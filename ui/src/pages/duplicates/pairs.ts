import type { Entity, Field, RecordRow } from '@/api/types';
import { isEditable } from '@/field/editable';

export const states = ['open', 'merged', 'distinct'] as const;
export type State = (typeof states)[number];

export type Level = 'equal' | 'near' | 'similar' | 'different' | 'missing';

/** What one field adds to the verdict. */
export interface Reason {
  field: string;
  level: Level;
  bits: number;
}

/** Two records that may be one. */
export interface Pair {
  id: string;
  entity: string;
  state: State;
  probability: number;
  /** Nobody found them alike: somebody picked them. */
  by_hand: boolean;
  /** So likely, and nothing known of both differs, that it may be merged without a look. */
  sure: boolean;
  found_at: string;
  decided_at: string | null;
  /** The one that stays: of an open pair what is proposed. */
  winner_id: string;
  reasons: Reason[];
  records: [RecordRow, RecordRow];
}

export interface LastSearch {
  at: string;
  records: number;
  compared: number;
  found: number;
  /** False when only the newest records were looked at. */
  complete: boolean;
}

export interface KindSummary {
  entity: string;
  /** Whether such records are compared at all; else pairs are picked by hand alone. */
  searched: boolean;
  open: number;
  merged: number;
  distinct: number;
  /** Of the open ones. */
  sure: number;
  search: LastSearch | null;
}

export interface SearchResult {
  records: number;
  complete: boolean;
  compared: number;
  found: number;
  kept: number;
  skipped: number;
  new: number;
}

export const sides = [0, 1] as const;
export type Side = (typeof sides)[number];

/** What somebody is about to decide: who stays, and of which fields whose value. */
export interface Draft {
  winner: Side;
  kept: Record<string, Side>;
}

export function draftOf(pair: Pair): Draft {
  return { winner: pair.records[1].id === pair.winner_id ? 1 : 0, kept: {} };
}

/** One field of the two beside each other. */
export interface Line {
  field: Field;
  reason: Reason | undefined;
  has: [boolean, boolean];
  /** Both have a value, and not the same one. */
  differs: boolean;
  /** Either value may be chosen. */
  choosable: boolean;
}

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '';
}

function lineOf(pair: Pair, field: Field): Line {
  const [a, b] = pair.records;
  const reason = pair.reasons.find((candidate) => candidate.field === field.name);
  const has: Line['has'] = [isThere(a[field.name]), isThere(b[field.name])];
  const both = has[0] && has[1];
  const masked = pair.records.some((record) => record._masked?.includes(field.name));
  /* Two values masked alike may differ in what is hidden; the reason tells. */
  const hidden = masked && !!reason && reason.level !== 'equal';
  const differs = both && (hidden || JSON.stringify(a[field.name]) !== JSON.stringify(b[field.name]));
  return { field, reason, has, differs, choosable: differs && !masked && isEditable(field) };
}

/** A line for every field of the record type that either has; who made it and whose it is come last. */
export function linesOf(entity: Entity, pair: Pair): Line[] {
  const last = ['created_at', 'owner_id'];
  const own = entity.fields.filter((field) => !field.system && field.type !== 'json');
  const ends = last.flatMap((name) => entity.fields.filter((field) => field.name === name));
  return [
    ...own.map((field) => lineOf(pair, field)).filter(({ has }) => has[0] || has[1]),
    ...ends.map((field) => ({ ...lineOf(pair, field), differs: false, choosable: false })),
  ];
}

/** Whose value the one that stays will have. */
export function keptSide(line: Line, draft: Draft): Side {
  if (line.choosable) return draft.kept[line.field.name] ?? draft.winner;
  return line.has[draft.winner] ? draft.winner : draft.winner === 0 ? 1 : 0;
}

/** The fields of which the value of the one that goes is chosen over what the one that stays has. */
export function takenFields(lines: Line[], draft: Draft): string[] {
  return lines.filter((line) => line.choosable && keptSide(line, draft) !== draft.winner).map(({ field }) => field.name);
}

/** How a line is marked: equal in effect are two values written differently that count as one. */
export function markOf({ reason, differs, has }: Line): Level | 'alike' | null {
  if (has[0] !== has[1]) return reason ? 'missing' : null;
  if (!reason) return differs ? 'different' : null;
  return reason.level === 'equal' && differs ? 'alike' : reason.level;
}

export type Likelihood = 'sure' | 'very' | 'likely' | 'perhaps';

export function likelihoodOf({ sure, probability }: Pick<Pair, 'sure' | 'probability'>): Likelihood {
  if (sure) return 'sure';
  if (probability >= 0.95) return 'very';
  return probability >= 0.75 ? 'likely' : 'perhaps';
}

/** A text in three: what both begin with, what is its own, what both end with. */
export function partsOf(text: string, other: string): [string, string, string] {
  const [own, its] = [[...text], [...other]];
  let start = 0;
  while (start < own.length && start < its.length && own[start] === its[start]) start += 1;
  let end = 0;
  while (end < own.length - start && end < its.length - start && own.at(-1 - end) === its.at(-1 - end)) end += 1;
  const cut = own.length - end;
  return [own.slice(0, start).join(''), own.slice(start, cut).join(''), own.slice(cut).join('')];
}
