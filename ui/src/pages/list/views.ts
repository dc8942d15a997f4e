import type { Condition, Entity } from '@/api/types';

/** A view that every list of a record type has: the first one is what the list begins with. */
export interface BuiltInView {
  id: string;
  label: 'list.all_of' | 'list.mine' | 'list.open' | 'list.converted' | 'list.won';
  where?: Condition;
  /** The same with what has ended, for forms of view that keep it apart. */
  whole?: Condition | null;
}

/** Record types that come to an end: which are still open, and what became of those that matter afterwards. */
const ending: Record<string, { open: Condition; became: BuiltInView }> = {
  lead: {
    open: { field: 'status', op: 'not_in', value: ['converted', 'disqualified'] },
    became: { id: 'converted', label: 'list.converted', where: { field: 'status', op: 'eq', value: 'converted' } },
  },
  opportunity: {
    open: { field: 'state', op: 'eq', value: 'open' },
    became: { id: 'won', label: 'list.won', where: { field: 'state', op: 'eq', value: 'won' } },
  },
};

const all: BuiltInView = { id: 'all', label: 'list.all_of' };
const own: Condition = { field: 'owner_id', op: 'is_me' };

export function builtInViews(entity: Entity): BuiltInView[] {
  const ends = ending[entity.name];
  const mine: BuiltInView[] = entity.owned ? [{ id: 'mine', label: 'list.mine', where: ends ? { all: [own, ends.open] } : own, whole: own }] : [];
  return ends ? [{ id: 'open', label: 'list.open', where: ends.open, whole: null }, ...mine, all, ends.became] : [all, ...mine];
}
