import type { Condition, ConditionLeaf, OtherLeaf, Value } from '@/api/types';

/**
 * A condition while it is edited: groups whose parts all, any or none hold, and leaves that may not be
 * complete yet. Every condition of the API has a draft that means the same.
 */
export type Mode = 'all' | 'any' | 'none';

export interface DraftLeaf {
  field: string;
  op: string;
  value?: Value;
  /** A leaf that asks for no field: a tag, a segment, what a person did, related records. */
  other?: OtherLeaf;
}

export interface DraftGroup {
  mode: Mode;
  items: DraftNode[];
}

export type DraftNode = DraftLeaf | DraftGroup;

export function isGroup(node: DraftNode): node is DraftGroup {
  return 'mode' in node;
}

/** What is not empty is said so, and not as none of what is empty. */
const opposite: Record<string, string> = { is_empty: 'not_empty', not_empty: 'is_empty' };

function nodeOf(condition: Condition): DraftNode {
  if ('all' in condition) return { mode: 'all', items: condition.all.map(nodeOf) };
  if ('any' in condition) return { mode: 'any', items: condition.any.map(nodeOf) };
  if ('not' in condition) {
    const inner = nodeOf(condition.not);
    const turned = isGroup(inner) ? undefined : opposite[inner.op];
    if (turned) return { ...inner, op: turned } as DraftLeaf;
    return isGroup(inner) && inner.mode === 'any' ? { ...inner, mode: 'none' } : { mode: 'none', items: [inner] };
  }
  return 'field' in condition ? condition : { field: '', op: '', other: condition };
}

/** The draft of a condition; the outermost part is always a group. */
export function draftOf(condition: Condition | null | undefined): DraftGroup {
  if (!condition) return { mode: 'all', items: [] };
  const node = nodeOf(condition);
  return isGroup(node) ? node : { mode: 'all', items: [node] };
}

const withoutValue = new Set(['is_empty', 'not_empty', 'is_me', 'in_my_team', 'in_my_tree']);

function isGiven(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === '') return false;
  return !Array.isArray(value) || (value.length > 0 && value.every((part) => isGiven(part)));
}

function isOtherComplete(other: OtherLeaf): boolean {
  if ('tag' in other) return other.tag !== '';
  if ('segment' in other) return other.segment !== '';
  if ('related' in other) return other.related !== '';
  const between = !other.between || other.between.every((day) => day !== '');
  return other.event !== '' && between && (!other.where || other.where.value !== '');
}

/** Complete enough to be asked. */
export function isComplete(leaf: DraftLeaf): boolean {
  if (leaf.other) return isOtherComplete(leaf.other);
  return leaf.field !== '' && leaf.op !== '' && (withoutValue.has(leaf.op) || isGiven(leaf.value));
}

function leafOf(leaf: DraftLeaf): ConditionLeaf | OtherLeaf {
  if (leaf.other) return leaf.other;
  return withoutValue.has(leaf.op)
    ? { field: leaf.field, op: leaf.op }
    : { field: leaf.field, op: leaf.op, value: leaf.value };
}

function conditionOfNode(node: DraftNode): Condition | null {
  if (!isGroup(node)) return isComplete(node) ? leafOf(node) : null;
  const parts = node.items.map(conditionOfNode).filter((part) => part !== null);
  if (parts.length === 0) return null;
  if (node.mode === 'none') return { not: parts.length === 1 && parts[0] ? parts[0] : { any: parts } };
  if (parts.length === 1 && parts[0]) return parts[0];
  return node.mode === 'all' ? { all: parts } : { any: parts };
}

/** Whether something in it is begun and not complete. */
export function isUnfinished(node: DraftNode): boolean {
  return isGroup(node) ? node.items.some(isUnfinished) : !isComplete(node);
}

/** The condition a draft stands for; parts that are not complete are left out, nothing at all is null. */
export function conditionOf(draft: DraftGroup): Condition | null {
  return conditionOfNode(draft);
}

export function replaceAt<T>(items: T[], index: number, item: T): T[] {
  return items.map((old, at) => (at === index ? item : old));
}

export function without<T>(items: T[], index: number): T[] {
  return items.filter((_, at) => at !== index);
}

/** Both conditions at once. */
export function bothOf(first: Condition | null | undefined, second: Condition | null | undefined): Condition | null {
  if (!first || !second) return first ?? second ?? null;
  return { all: [first, second] };
}
