import type { Entity, Field } from '@/api/types';

/** May be changed by this person on a record that exists. */
export function isEditable(field: Field): boolean {
  return field.writable && !field.read_only && !field.immutable && field.type !== 'json'
    && (!field.system || field.name === 'owner_id') && (field.type !== 'reference' || !!field.target);
}

/** Its options say how something stands; where all are alike, a mark before each would say nothing. */
export function isMarked(field: Field): boolean {
  return !!field.options?.some((option) => option.tone && option.tone !== 'idle');
}

/** The field that says how a record stands: status or state, else the first option with marks. */
export function stateField(entity: Entity): Field | undefined {
  const marked = entity.fields.filter((field) => field.type === 'option' && isMarked(field));
  return marked.find((field) => field.name === 'status' || field.name === 'state') ?? marked[0];
}

/** The fields people fill in first, whose it is, and last what the program writes itself. */
export function ownFirst(fields: Field[]): Field[] {
  const place = (field: Field) => (!field.system ? 0 : field.name === 'owner_id' ? 1 : 2);
  return [...fields].sort((a, b) => place(a) - place(b));
}
