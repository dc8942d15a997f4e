import { expect, it } from 'vitest';
import { arranged, freePlace, freshId, graphFrom, portsOf, spanOf, withChange, withEdge, withNode, withoutNode, type Graph } from './graph';

const graph: Graph = {
  nodes: [
    { id: 'n1', type: 'entry', x: 0, y: 0, config: { kind: 'manual' } },
    { id: 'n2', type: 'branch', x: 0, y: 0, config: { kind: 'random', shares: [{ port: 'a', percent: 50 }, { port: 'b', percent: 50 }] } },
    { id: 'n3', type: 'action', x: 0, y: 0, config: { action: 'send_mail' } },
    { id: 'n4', type: 'exit', x: 0, y: 0, config: {} },
  ],
  edges: [{ from: 'n1', port: 'next', to: 'n2' }, { from: 'n2', port: 'a', to: 'n3' }, { from: 'n2', port: 'b', to: 'n4' }, { from: 'n3', port: 'next', to: 'n4' }],
};

it('a node has the ways out that the server knows', () => {
  expect(portsOf({ type: 'wait', config: { kind: 'event' } })).toEqual(['event', 'timeout']);
  expect(portsOf({ type: 'branch', config: { kind: 'condition', branches: [{ port: 'a', name: '', where: null }] } })).toEqual(['a', 'else']);
  expect(portsOf(graph.nodes[1]!)).toEqual(['a', 'b']);
  expect(portsOf(graph.nodes[3]!)).toEqual([]);
});

it('a way out leads to one place, and none back to itself', () => {
  const moved = withEdge(graph, { from: 'n2', port: 'a', to: 'n4' });
  expect(moved.edges.filter(({ from, port }) => from === 'n2' && port === 'a')).toEqual([{ from: 'n2', port: 'a', to: 'n4' }]);
  expect(withEdge(graph, { from: 'n3', port: 'next', to: 'n3' })).toBe(graph);
});

it('what led to a node that goes leads on', () => {
  const rest = withoutNode(graph, 'n3');
  expect(rest.edges).toContainEqual({ from: 'n2', port: 'a', to: 'n4' });
  expect(withoutNode(graph, 'n2').edges.some(({ from, to }) => from === 'n1' || to === 'n2')).toBe(false);
});

it('a branch that loses a way loses its edge', () => {
  const less = withChange(graph, 'n2', { config: { kind: 'random', shares: [{ port: 'a', percent: 100 }] } });
  expect(less.edges.map(({ port }) => port)).not.toContain('b');
});

it('ids stay free of each other', () => {
  const more = withNode(graph, 'wait_duration', { x: 1000, y: 2 });
  expect(more.nodes[4]).toMatchObject({ id: 'n5', type: 'wait', x: 1000 });
  expect(freshId({ nodes: [{ ...graph.nodes[0]!, id: 'n2' }], edges: [] })).toBe('n3');
  expect(withNode(graph, 'nothing', { x: 0, y: 0 })).toBe(graph);
});

it('what a program drew without settings, names and places can be looked at', () => {
  const drawn = graphFrom({ nodes: [{ id: 'a', type: 'entry' }, { id: 'b', type: 'branch', config: null }], edges: [{ from: 'a', to: 'b' }] });
  expect(drawn.nodes.map(({ config, y }) => ({ config, y }))).toEqual([{ config: {}, y: 0 }, { config: {}, y: 130 }]);
  expect(drawn.edges).toEqual([{ from: 'a', port: 'next', to: 'b' }]);
  expect(graphFrom(graph)).toEqual(graph);
  expect(graphFrom(null)).toEqual({ nodes: [], edges: [] });
});

it('a card put on another moves beside it', () => {
  const put = freePlace([{ x: 0, y: 0 }], { x: 8, y: 100 });
  expect(put.x).toBe(8);
  expect(put.y).toBe(116);
  expect(freePlace([{ x: 0, y: 0 }], { x: 300, y: 0 })).toEqual({ x: 300, y: 0 });
});

it('rows follow the way', () => {
  const rows = Object.fromEntries(arranged(graph).nodes.map(({ id, y }) => [id, y / 130]));
  expect(rows).toEqual({ n1: 0, n2: 1, n3: 2, n4: 3 });
});

it('a length is told in its largest whole unit', () => {
  expect(spanOf(4320)).toEqual({ n: 3, unit: 'day' });
  expect(spanOf(90)).toEqual({ n: 90, unit: 'minute' });
  expect(spanOf(120)).toEqual({ n: 2, unit: 'hour' });
});
