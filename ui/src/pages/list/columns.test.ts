import { describe, expect, it } from 'vitest';
import { meta } from '../../../dev/mock/model';
import { columnFields, defaultColumns, moveColumn, readFields } from './columns';

const lead = meta.entities.find((entity) => entity.name === 'lead')!;

describe('columns of a list', () => {
  it('begin with the name and end with whose it is', () => {
    const columns = defaultColumns(lead);
    expect(columns[0]).toBe('name');
    expect(columns).toContain('owner_id');
    expect(columns.length).toBeLessThanOrEqual(10);
  });

  it('always show the name, and leave out what no longer exists', () => {
    expect(columnFields(lead, ['status', 'x_gone']).map((field) => field.name)).toEqual(['name', 'status']);
  });

  it('tell what to read: what is shown, the state by which a due date is red, titles of what is referred to', () => {
    expect(readFields(lead, ['name', 'owner_id', 'next_follow_up_at'])).toEqual({
      fields: ['name', 'owner_id', 'next_follow_up_at', 'status'], titles: ['owner_id'],
    });
    expect(readFields(lead, ['name', 'status'])).toEqual({ fields: ['name', 'status'], titles: [] });
  });

  it('move before the one they are dropped on, or behind when moved right', () => {
    expect(moveColumn(['a', 'b', 'c', 'd'], 'd', 'b')).toEqual(['a', 'd', 'b', 'c']);
    expect(moveColumn(['a', 'b', 'c', 'd'], 'a', 'c')).toEqual(['b', 'c', 'a', 'd']);
    expect(moveColumn(['a', 'b'], 'a', 'z')).toEqual(['a', 'b']);
  });
});
