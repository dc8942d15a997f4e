import type { Field, RecordRow } from '@/api/types';
import { FieldValue } from '@/field/FieldValue';

/** Instants by which somebody has to have done something. */
const dueFields = new Set(['next_follow_up_at', 'due_at']);
const over = new Set(['done', 'cancelled', 'converted', 'disqualified', 'won', 'lost']);

export function isDue(field: Field): boolean {
  return dueFields.has(field.name);
}

/** A date to be kept: red once it has passed while the record is still open. */
export function DueValue({ field, record }: { field: Field; record: RecordRow }) {
  const value = record[field.name];
  const late = typeof value === 'string' && Date.parse(value) < Date.now() && !over.has(String(record.status));
  return <span className={late ? 'bad strong' : undefined}><FieldValue dense field={field} record={record} /></span>;
}
