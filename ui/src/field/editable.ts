import type { Entity, Field } from '@/api/types';

/** May be changed by this person on a record that exists. */
export function isEditable(field: Field): boolean {
  return field.writable && !field.read_only && !field.immutable && field.type !== 'json'
    && (!field.system || field.name === 'owner_id') && (field.type !== 'reference' || !!field.target);
}

/** The field that says how a record stands: status or state, else the first option with marks. */
export function stateField(entity: Entity): Field | undefined {
  const marked = entity.fields.filter((field) => field.type === 'option' && field.options?.some((option) => option.tone));
  return marked.find((field) => field.name === 'status' || field.name === 'state') ?? marked[0];
}
