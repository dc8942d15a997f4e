import type { RecordRow } from '@/api/types';
import type { People, PeopleKind } from './PeoplePicker';

const keys: Record<PeopleKind, string> = { user: 'users', team: 'teams', department: 'departments' };

/** {"users":[…],"teams":[…],"departments":[…]} as one list, and back. */
export function membersOf(stored: unknown): People[] {
  const members = (stored ?? {}) as Record<string, unknown>;
  return (Object.keys(keys) as PeopleKind[]).flatMap((kind) => {
    const ids = members[keys[kind]];
    return Array.isArray(ids) ? ids.map((id) => ({ kind, id: String(id) })) : [];
  });
}

export function storedMembers(people: People[]): Record<string, string[]> {
  const stored: Record<string, string[]> = {};
  for (const { kind, id } of people) (stored[keys[kind]] ??= []).push(id);
  return stored;
}

export function managersOf(stored: unknown): People[] {
  return Array.isArray(stored) ? stored.map((id) => ({ kind: 'user' as const, id: String(id) })) : [];
}

/** What a pool hides unless it says otherwise. */
export const hiddenAsARule = ['name', 'phone', 'email', 'company_name'];
export const hideable = ['name', 'company_name', 'job_title', 'phone', 'email', 'region', 'industry', 'source', 'campaign', 'score', 'product_interest'];

export interface Weighted extends People {
  weight: number;
}

/** [{"user_id" | "team_id" | "department_id", "weight"}] and back. */
export function weightedOf(stored: unknown): Weighted[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((item: Record<string, unknown>) => {
    const kind = (Object.keys(keys) as PeopleKind[]).find((candidate) => item[`${candidate}_id`]);
    return kind ? [{ kind, id: String(item[`${kind}_id`]), weight: Number(item.weight ?? 1) }] : [];
  });
}

export function storedWeighted(people: Weighted[]): Record<string, unknown>[] {
  return people.map(({ kind, id, weight }) => ({ [`${kind}_id`]: id, weight }));
}

/** Those chosen now, with the weights they had. */
export function reweighed(before: Weighted[], chosen: People[]): Weighted[] {
  return chosen.map((one) => ({ ...one, weight: before.find(({ kind, id }) => kind === one.kind && id === one.id)?.weight ?? 1 }));
}

export function numberOf(record: RecordRow | null, name: string, standard: number): number {
  const value = record?.[name];
  return typeof value === 'number' ? value : standard;
}
