import type { Condition, RecordRow } from '../../src/api/types.ts';

const comparable = (value: unknown): string | number => {
  if (typeof value === 'object' && value !== null && 'amount' in value) return Number(value.amount);
  return typeof value === 'number' ? value : String(value ?? '');
};

function compareLeaf(actual: unknown, op: string, value: unknown, me: string): boolean {
  const empty = actual === null || actual === undefined || actual === '';
  if (op === 'is_empty') return empty;
  if (empty) return false;
  const days = typeof value === 'string' ? Number.parseInt(value, 10) * 86_400_000 : 0;
  const age = Date.now() - Date.parse(String(actual));
  switch (op) {
    case 'is_not_empty': case 'not_empty': return true;
    case 'eq': return comparable(actual) === comparable(value);
    case 'ne': return comparable(actual) !== comparable(value);
    case 'in': return (value as unknown[]).includes(actual);
    case 'not_in': return !(value as unknown[]).includes(actual);
    case 'contains': return String(actual).includes(String(value));
    case 'starts_with': return String(actual).startsWith(String(value));
    case 'lt': return comparable(actual) < comparable(value);
    case 'lte': return comparable(actual) <= comparable(value);
    case 'gt': return comparable(actual) > comparable(value);
    case 'gte': return comparable(actual) >= comparable(value);
    case 'is_me': return actual === me;
    case 'older_than': return age > days;
    case 'within_last': return age >= 0 && age <= days;
    case 'within_next': return age <= 0 && -age <= days;
    default: return true;
  }
}

export function matches(condition: Condition | null, record: RecordRow, me: string): boolean {
  if (!condition) return true;
  if ('all' in condition) return condition.all.every((part) => matches(part, record, me));
  if ('any' in condition) return condition.any.some((part) => matches(part, record, me));
  if ('not' in condition) return !matches(condition.not, record, me);
  if (!('field' in condition)) return true;
  return compareLeaf(record[condition.field], condition.op, condition.value, me);
}
