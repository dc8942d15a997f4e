import { ApiError } from '@/api/client';

export interface ActionParameter {
  name: string;
  label: string;
  type: 'text' | 'integer' | 'boolean' | 'user' | 'users' | 'field' | 'value' | 'tag' | 'mail_template' | 'approval_process';
  required: boolean;
}

/** An action the server knows; `entity` is empty where it suits every record type. */
export interface ActionKind {
  name: string;
  label: string;
  entity: string;
  parameters: ActionParameter[];
}

export interface RuleAction {
  action: string;
  parameters: Record<string, unknown>;
}

/** On which of the latest events a rule would have acted. */
export interface Trial {
  events: number;
  would_run: number;
  since: string | null;
  data: { at: string; subject_type: string; subject_id: string; title: string }[];
}

/** One run of a rule: what it was about, the events its actions caused, or why they could not be done. */
export interface RuleRun {
  at: string;
  event_id: string;
  subject_type: string;
  subject_id: string;
  title: string;
  effects: string[];
  error: string | null;
}

/** The items with one moved a place up (-1) or down (1); as they were where there is no such place. */
export function movedBy<T>(items: T[], index: number, step: -1 | 1): T[] {
  const target = index + step;
  const item = items[index];
  if (item === undefined || target < 0 || target >= items.length) return items;
  const rest = items.filter((_, at) => at !== index);
  return [...rest.slice(0, target), item, ...rest.slice(target)];
}

/** The items with the one at `from` put where another is. */
export function movedTo<T>(items: T[], from: number, to: number): T[] {
  const item = items[from];
  if (item === undefined || to < 0 || to >= items.length) return items;
  const rest = items.filter((_, at) => at !== from);
  return [...rest.slice(0, to), item, ...rest.slice(to)];
}

/** Which of the rules, in their new order, need another position. */
export function newPositions<T extends Record<string, unknown>>(rules: T[]): { rule: T; position: number }[] {
  return rules.map((rule, position) => ({ rule, position })).filter(({ rule, position }) => rule.position !== position);
}

/** What the server found wrong with the parameters of one action of a rule, by their names. */
export function actionErrors(error: unknown, index: number, list = 'actions'): Record<string, string> {
  const place = `/${list}/${index}/parameters/`;
  const errors = error instanceof ApiError ? error.problem.errors ?? [] : [];
  return Object.fromEntries(errors.filter(({ pointer }) => pointer.startsWith(place)).map(({ pointer, message }) => [pointer.slice(place.length), message]));
}
