import type { Field, FieldType } from '@/api/types';
import type { TextCode } from '@/text/i18n';

/** What stands to the right of an operator. */
export type Operand = 'none' | 'one' | 'many' | 'range' | 'days' | 'period';

export interface Operator {
  op: string;
  operand: Operand;
  label: TextCode;
}

export const periods = [
  'today', 'yesterday', 'this_week', 'last_week', 'this_month', 'last_month',
  'this_quarter', 'last_quarter', 'this_year', 'last_year',
] as const;

const filled: Operator[] = [
  { op: 'is_empty', operand: 'none', label: 'op.is_empty' },
  { op: 'not_empty', operand: 'none', label: 'op.not_empty' },
];

const textual: Operator[] = [
  { op: 'contains', operand: 'one', label: 'op.contains' },
  { op: 'starts_with', operand: 'one', label: 'op.starts_with' },
  { op: 'eq', operand: 'one', label: 'op.eq' },
  { op: 'ne', operand: 'one', label: 'op.ne' },
  ...filled,
];

const choices: Operator[] = [
  { op: 'in', operand: 'many', label: 'op.in' },
  { op: 'not_in', operand: 'many', label: 'op.not_in' },
  { op: 'eq', operand: 'one', label: 'op.eq' },
  { op: 'ne', operand: 'one', label: 'op.ne' },
  ...filled,
];

const people: Operator[] = [
  { op: 'is_me', operand: 'none', label: 'op.is_me' },
  { op: 'in_my_team', operand: 'none', label: 'op.in_my_team' },
  { op: 'in_my_tree', operand: 'none', label: 'op.in_my_tree' },
];

const ordered: Operator[] = [
  { op: 'gte', operand: 'one', label: 'op.gte' },
  { op: 'lte', operand: 'one', label: 'op.lte' },
  { op: 'gt', operand: 'one', label: 'op.gt' },
  { op: 'lt', operand: 'one', label: 'op.lt' },
  { op: 'between', operand: 'range', label: 'op.between' },
];

const numeric: Operator[] = [
  ...ordered,
  { op: 'eq', operand: 'one', label: 'op.number_eq' },
  { op: 'ne', operand: 'one', label: 'op.number_ne' },
  ...filled,
];

const temporal: Operator[] = [
  { op: 'is', operand: 'period', label: 'op.is_period' },
  { op: 'older_than', operand: 'days', label: 'op.older_than' },
  { op: 'within_last', operand: 'days', label: 'op.within_last' },
  { op: 'within_next', operand: 'days', label: 'op.within_next' },
  { op: 'gte', operand: 'one', label: 'op.from' },
  { op: 'lt', operand: 'one', label: 'op.before' },
  { op: 'between', operand: 'range', label: 'op.between' },
  ...filled,
];

const byType: Record<FieldType, Operator[]> = {
  text: textual, long_text: textual, phone: textual, email: textual, region: textual, url: textual,
  boolean: [{ op: 'eq', operand: 'one', label: 'op.eq' }, ...filled],
  integer: numeric, quantity: numeric, money: numeric,
  date: temporal, instant: temporal,
  option: choices, reference: choices, json: filled,
};

/** The operators a field can be asked with, the usual one first. */
export function operatorsOf(field: Field): Operator[] {
  return field.type === 'reference' && field.target === 'user' ? [...people, ...choices] : byType[field.type];
}

export function operatorOf(field: Field, op: string): Operator | undefined {
  return operatorsOf(field).find((operator) => operator.op === op);
}
