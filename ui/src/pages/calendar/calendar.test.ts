import { describe, expect, it } from 'vitest';
import type { Entity, Field, RecordRow } from '@/api/types';
import { byDay, dateFields, daysInView, movedTo, turned, whereInView } from './calendar';

const field = (name: string, type: Field['type'], more: Partial<Field> = {}): Field => ({
  name, type, label: name, required: false, read_only: false, writable: true, right: 'full', searched: false, sortable: true, filterable: true,
  listed: true, custom: false, ...more,
});
const record = (id: string, values: Record<string, unknown>): RecordRow => ({ id, version: 1, created_at: '', updated_at: '', ...values });
const shanghai = 'Asia/Shanghai';

describe('the calendar of a list', () => {
  it('offers the dates a person may change, what is planned first', () => {
    const entity = { fields: [
      field('created_at', 'instant', { system: true }), field('closed_date', 'date', { read_only: true }), field('engaged_date', 'date'),
      field('expected_close_date', 'date'), field('next_follow_up_at', 'instant'), field('name', 'text'),
    ] } as unknown as Entity;
    expect(dateFields(entity).map(({ name }) => name)).toEqual(['next_follow_up_at', 'expected_close_date', 'engaged_date']);
  });

  it('shows whole weeks from Monday', () => {
    expect(daysInView('2026-11-25', 'week')).toEqual(['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29']);
    const month = daysInView('2026-11-25', 'month');
    expect([month[0], month.at(-1), month.length]).toEqual(['2026-10-26', '2026-12-06', 42]);
    expect(daysInView('2027-02-10', 'month')).toHaveLength(28);
    expect(daysInView('2026-12-31', 'month').at(-1)).toBe('2027-01-03');
  });

  it('turns months without skipping a short one', () => {
    expect(turned('2026-01-31', 'month', 1)).toBe('2026-02-28');
    expect(turned('2026-01-15', 'month', -1)).toBe('2025-12-15');
    expect(turned('2026-11-25', 'week', 1)).toBe('2026-12-02');
  });

  it('asks for the days on the company clock, beside the condition of the list', () => {
    const own = { field: 'owner_id', op: 'is_me' };
    expect(whereInView(field('due_at', 'instant'), '2026-11-23', '2026-11-29', shanghai, own)).toEqual({ all: [
      own, { field: 'due_at', op: 'gte', value: '2026-11-22T16:00:00.000Z' }, { field: 'due_at', op: 'lt', value: '2026-11-29T16:00:00.000Z' },
    ] });
    expect(whereInView(field('d', 'date'), '2026-11-23', '2026-11-29', shanghai, null)).toEqual({ all: [
      { field: 'd', op: 'gte', value: '2026-11-23' }, { field: 'd', op: 'lt', value: '2026-11-30' },
    ] });
  });

  it('moves to another day at the same time', () => {
    const due = field('due_at', 'instant');
    const late = record('1', { due_at: '2026-11-25T16:30:07.250Z' });
    expect([...byDay([late], due, shanghai).keys()]).toEqual(['2026-11-26']);
    expect(movedTo(late, due, '2026-12-01', shanghai)).toBe('2026-11-30T16:30:07.250Z');
    expect(movedTo(record('2', { d: '2026-11-25' }), field('d', 'date'), '2026-12-01', shanghai)).toBe('2026-12-01');
  });
});
