import { expect, it } from 'vitest';
import type { RecordRow } from '@/api/types';
import { linesOf, narrowed, peopleOf, treeOf, withBelow } from './departments';

const row = (id: string, parent: string | null): RecordRow => ({ id, version: 1, created_at: '', updated_at: '', name: id, parent_id: parent });
const person = (id: string, department: string | null): RecordRow => ({ ...row(id, null), department_id: department });
const company = [row('east', 'sales'), row('sales', null), row('west', 'sales'), row('wuxi', 'east'), row('marketing', null)];
const people = peopleOf([person('a', null), person('b', 'wuxi'), person('c', 'wuxi'), person('d', 'sales')]);
const names = (lines: ReturnType<typeof linesOf>) => lines.map(({ department, level }) => `${level}${department.id}`);

it('departments stand below what they are part of, with the people there and below', () => {
  const tree = treeOf(company, people);
  const lines = linesOf(tree, new Set());
  expect(names(lines)).toEqual(['1sales', '2east', '3wuxi', '2west', '1marketing']);
  expect(lines.map(({ people: own, all }) => [own, all])).toEqual([[1, 3], [0, 2], [2, 2], [0, 0], [0, 0]]);
  expect(names(linesOf(tree, new Set(['east'])))).toEqual(['1sales', '2east', '2west', '1marketing']);
});

it('what stands under a department one does not see stands at the top', () => {
  expect(names(linesOf(treeOf([row('east', 'gone'), row('wuxi', 'east')], new Map()), new Set()))).toEqual(['1east', '2wuxi']);
});

it('a department cannot be put at or below itself', () => {
  const [sales] = treeOf(company, people);
  expect([...withBelow(sales!)].sort()).toEqual(['east', 'sales', 'west', 'wuxi']);
});

it('what is sought stands with the way to it', () => {
  expect(names(linesOf(narrowed(treeOf(company, people), 'WUX'), new Set()))).toEqual(['1sales', '2east', '3wuxi']);
});
