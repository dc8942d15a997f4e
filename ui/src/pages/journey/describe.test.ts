import type { TFunction } from 'i18next';
import { expect, it } from 'vitest';
import { placeOf, type Words } from './describe';
import type { Graph } from './graph';

const words: Words = { t: ((key: string) => key) as unknown as TFunction, entity: undefined, kinds: [], eventLabel: (type) => type };
const graph = { nodes: [{ id: 'a', type: 'goal', name: '已约演示', config: {} }], edges: [] } as unknown as Graph;

it('a node is called gone only where its drawing is known and lacks it', () => {
  expect(placeOf(graph, 'a', words)).toBe('已约演示');
  expect(placeOf(graph, 'b', words)).toBe('journeys.node_gone');
  expect(placeOf(undefined, 'a', words)).toBe('');
});
