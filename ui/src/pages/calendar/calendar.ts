import { isEditable } from '@/field/editable';
import { instantOfWall, wallOfInstant } from '@/format/zone';
import type { Condition, Entity, Field, RecordRow } from '@/api/types';

export type Span = 'month' | 'week';

const dayMilliseconds = 86_400_000;

/** What is planned stands before what has happened; the rest in the order of the type. */
const planned = ['due_at', 'next_follow_up_at', 'expected_close_date', 'occurred_at'];

/** Dates and times of the type's own that a list can be narrowed and sorted by, the one shown first in front. */
export function dateFields(entity: Entity): Field[] {
  const rank = (field: Field) => { const at = planned.indexOf(field.name); return at < 0 ? planned.length : at; };
  return entity.fields
    .filter((field) => (field.type === 'date' || field.type === 'instant') && !field.system && field.filterable && field.sortable && isEditable(field))
    .sort((a, b) => rank(a) - rank(b));
}

export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMilliseconds).toISOString().slice(0, 10);
}

/** Monday of the day's week. */
function monday(day: string): string {
  return dayAfter(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}

/** The days in view: the week, or the weeks the month touches. */
export function daysInView(day: string, span: Span): string[] {
  const first = monday(span === 'week' ? day : `${day.slice(0, 7)}-01`);
  if (span === 'week') return Array.from({ length: 7 }, (_, at) => dayAfter(first, at));
  const days: string[] = [];
  for (let at = first; at.slice(0, 7) <= day.slice(0, 7); at = dayAfter(at, 7)) {
    days.push(...Array.from({ length: 7 }, (_, of) => dayAfter(at, of)));
  }
  return days;
}

/** The same day of the next or previous month, or its last one; a week on or back. */
export function turned(day: string, span: Span, by: 1 | -1): string {
  if (span === 'week') return dayAfter(day, by * 7);
  const [year = 0, month = 1, of = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month - 1 + by + 1, 0));
  return new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), Math.min(of, last.getUTCDate()))).toISOString().slice(0, 10);
}

/** Records whose date is on one of the days, and that the list's own condition selects. */
export function whereInView(field: Field, first: string, last: string, timeZone: string, where: Condition | null): Condition {
  const after = dayAfter(last, 1);
  const [from, to] = field.type === 'date' ? [first, after] : [instantOfWall(`${first}T00:00`, timeZone), instantOfWall(`${after}T00:00`, timeZone)];
  const days: Condition[] = [{ field: field.name, op: 'gte', value: from }, { field: field.name, op: 'lt', value: to }];
  return { all: [...(where ? [where] : []), ...days] };
}

/** The day a record stands on; its time, for those that have one. */
export function placeOf(record: RecordRow, field: Field, timeZone: string): { day: string; time: string } | null {
  const value = record[field.name];
  if (typeof value !== 'string' || value === '') return null;
  if (field.type === 'date') return { day: value, time: '' };
  const wall = wallOfInstant(value, timeZone);
  return { day: wall.slice(0, 10), time: wall.slice(11, 16) };
}

/** The value on another day, at the same time on the company's clock. */
export function movedTo(record: RecordRow, field: Field, day: string, timeZone: string): string {
  const value = record[field.name];
  if (field.type === 'date' || typeof value !== 'string') return day;
  const moved = Date.parse(instantOfWall(`${day}T${wallOfInstant(value, timeZone).slice(11)}`, timeZone));
  return new Date(moved + (Date.parse(value) % 1000)).toISOString();
}

/** Records by their day, in the order they were sent. */
export function byDay(records: RecordRow[], field: Field, timeZone: string): Map<string, RecordRow[]> {
  const days = new Map<string, RecordRow[]>();
  for (const record of records) {
    const day = placeOf(record, field, timeZone)?.day;
    if (day) days.set(day, [...(days.get(day) ?? []), record]);
  }
  return days;
}
