import type { Condition, ConditionLeaf } from '@/api/types';

/** Both conditions; an empty one adds nothing. */
export function and(where: Condition, ...leaves: ConditionLeaf[]): Condition {
  return { all: [...('all' in where ? where.all : [where]), ...leaves] };
}

/** Where the records behind a figure are. */
export function linkTo(plural: string, where: Condition): string {
  return `/${plural}?where=${encodeURIComponent(JSON.stringify(where))}`;
}
