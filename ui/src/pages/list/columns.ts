import type { Entity, Field } from '@/api/types';
import { fieldOf } from '@/api/meta';

/** Least and greatest share of the width for a field, in px and parts. */
function widthOf(field: Field, isTitle: boolean): string {
  if (isTitle) return field.max_length && field.max_length <= 60 ? 'minmax(120px, 1fr)' : 'minmax(160px, 1.6fr)';
  switch (field.type) {
    case 'boolean': return '72px';
    case 'integer': return '80px';
    case 'quantity': return '96px';
    case 'money': return '132px';
    case 'date': return '96px';
    case 'instant': return '108px';
    case 'option': return 'minmax(116px, .6fr)';
    case 'phone': return '116px';
    case 'region': return '104px';
    case 'reference': return field.target === 'user' ? 'minmax(80px, .5fr)' : 'minmax(120px, 1fr)';
    case 'email': return 'minmax(140px, .8fr)';
    default: return field.max_length && field.max_length <= 60 ? 'minmax(88px, .7fr)' : 'minmax(160px, 1.8fr)';
  }
}

const wanted = 10;

/** Columns a list begins with: the name, then the fields the type lists, whose it is, and since when. */
export function defaultColumns(entity: Entity): string[] {
  const listed = entity.fields.filter((field) => field.listed && field.name !== entity.title_field);
  const own = listed.filter((field) => !field.system).map((field) => field.name);
  const system = listed.filter((field) => field.system).map((field) => field.name);
  const owner = system.filter((name) => name === 'owner_id');
  const rest = system.filter((name) => name !== 'owner_id');
  return [entity.title_field, ...own.slice(0, wanted - 1 - owner.length), ...owner, ...rest].slice(0, wanted);
}

/** The fields of the columns asked for, always with the name; what does not exist (any more) is left out. */
export function columnFields(entity: Entity, names: string[]): Field[] {
  const all = names.includes(entity.title_field) ? names : [entity.title_field, ...names];
  return all.flatMap((name) => fieldOf(entity, name) ?? []);
}

/** What rows must hold for their columns: a due date is red by the state of its record. */
export function readFields(entity: Entity, names: string[]): { fields: string[]; titles: string[] } {
  const shown = columnFields(entity, names);
  const status = fieldOf(entity, 'status');
  const fields = status && !shown.includes(status) ? [...shown, status] : shown;
  return {
    fields: fields.map(({ name }) => name),
    titles: shown.filter(({ type }) => type === 'reference').map(({ name }) => name),
  };
}

/** Widths somebody dragged, by field. */
export type Widths = Record<string, number>;

export const narrowest = 48;
export const widest = 800;

/** Value of grid-template-columns for the check box and the columns. */
export function gridTemplate(entity: Entity, fields: Field[], widths: Widths): string {
  const own = (field: Field) => widths[field.name];
  return ['48px', ...fields.map((field) => (own(field) ? `${own(field)}px` : widthOf(field, field.name === entity.title_field)))].join(' ');
}

/** Least width of the table, from which it scrolls sideways. */
export function leastWidth(entity: Entity, fields: Field[], widths: Widths): number {
  return fields.reduce((sum, field) => {
    const width = /(\d+)px/.exec(widthOf(field, field.name === entity.title_field));
    return sum + (widths[field.name] ?? Number(width?.[1] ?? 100));
  }, 48 + 24);
}

/** Puts `moved` in the place of `target`. */
export function moveColumn(columns: string[], moved: string, target: string): string[] {
  const from = columns.indexOf(moved);
  const to = columns.indexOf(target);
  if (from < 0 || to < 0 || from === to) return columns;
  const rest = columns.filter((name) => name !== moved);
  return [...rest.slice(0, to), moved, ...rest.slice(to)];
}
