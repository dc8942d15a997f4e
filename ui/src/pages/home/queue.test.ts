import { describe, expect, it } from 'vitest';
import type { HomeItem } from '@/api/types';
import { canWait, groupOf, queueOf } from './queue';

const item = (id: string, kind: HomeItem['kind'] = 'task', at: string | null = null, overdue = false): HomeItem => ({
  id, kind, at, overdue, title: id, entity: kind === 'task' ? 'task' : kind.includes('lead') ? 'lead' : 'opportunity',
  record: { id, version: 1, created_at: '', updated_at: '' },
});

describe('the queue of the day', () => {
  it('orders by urgency, then by time, slipping deals last and as they were sent', () => {
    const queue = queueOf([
      item('t2', 'task', '2026-11-23T09:00:00Z'), item('t1', 'task', '2026-11-23T08:00:00Z'), item('late', 'deal_follow_up', '2026-11-20T08:00:00Z', true),
      item('s1', 'slipping'), item('s2', 'slipping'), item('n', 'new_lead', '2026-11-23T07:00:00Z'),
    ]);
    expect(queue.items.map(({ id }) => id)).toEqual(['n', 'late', 't1', 't2', 's1', 's2']);
    expect([...queue.byGroup.keys()]).toEqual(['new', 'overdue', 'today', 'slipping']);
  });

  it('puts off only what is due: a deal about to slip would stay, and its next follow-up come sooner', () => {
    expect(canWait(item('n', 'new_lead'))).toBe(false);
    expect(canWait(item('h', 'handover'))).toBe(false);
    expect(canWait(item('s', 'slipping'))).toBe(false);
    expect(canWait(item('l', 'lead_follow_up', null, true))).toBe(true);
    expect(canWait(item('t', 'task'))).toBe(true);
  });

  it('shows a deal once that is due and about to slip, with the reason', () => {
    const slip = { stay: null, close_in_days: -3 };
    const queue = queueOf([item('d', 'deal_follow_up', '2026-11-20T08:00:00Z', true), { ...item('d', 'slipping'), slip }]);
    expect(queue.items).toHaveLength(1);
    expect(groupOf(queue.items[0]!)).toBe('overdue');
    expect(queue.items[0]!.slip).toEqual(slip);
  });
});
