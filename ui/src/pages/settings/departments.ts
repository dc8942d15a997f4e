import type { RecordRow } from '@/api/types';

/** A department with those below it, and how many people work in it and, with all below, under it. */
export interface Branch {
  department: RecordRow;
  /** 1 at the top. */
  level: number;
  below: Branch[];
  people: number;
  all: number;
}

/** How many of these people each department has. */
export function peopleOf(users: RecordRow[]): Map<string, number> {
  const people = new Map<string, number>();
  for (const { department_id: id } of users) if (typeof id === 'string') people.set(id, (people.get(id) ?? 0) + 1);
  return people;
}

/** The tree in the order given; what stands under nobody one may see stands at the top. */
export function treeOf(departments: RecordRow[], people: Map<string, number>): Branch[] {
  const known = new Set(departments.map(({ id }) => id));
  const above = ({ parent_id: parent }: RecordRow) => (typeof parent === 'string' && known.has(parent) ? parent : null);
  const grow = (parent: string | null, level: number): Branch[] => departments.filter((one) => above(one) === parent).map((department) => {
    const below = grow(department.id, level + 1);
    const own = people.get(department.id) ?? 0;
    return { department, level, below, people: own, all: below.reduce((sum, { all }) => sum + all, own) };
  });
  return grow(null, 1);
}

/** Line after line from the top, without what lies below a closed one. */
export function linesOf(tree: Branch[], closed: ReadonlySet<string>): Branch[] {
  return tree.flatMap((branch) => [branch, ...(closed.has(branch.department.id) ? [] : linesOf(branch.below, closed))]);
}

/** The department and all below it: where it cannot be put. */
export function withBelow(branch: Branch): Set<string> {
  return new Set(linesOf([branch], new Set()).map(({ department }) => department.id));
}

/** What is called so, and on what way one comes to it. */
export function narrowed(tree: Branch[], words: string): Branch[] {
  const wanted = words.toLowerCase();
  return tree.flatMap((branch) => {
    const below = narrowed(branch.below, words);
    const named = String(branch.department.name).toLowerCase().includes(wanted);
    return named || below.length > 0 ? [{ ...branch, below }] : [];
  });
}
