import { expect, it } from 'vitest';
import { movedBy, newPositions } from './automation';
import { followedEvents, groupEvents } from './eventTypes';

it('moves an item one place and leaves the ends alone', () => {
  expect(movedBy(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
  expect(movedBy(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
  expect(movedBy(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
  expect(movedBy(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
});

it('numbers only those whose position differs', () => {
  const rules = [{ id: 'b', position: 0 }, { id: 'a', position: 0 }, { id: 'c', position: 2 }];
  expect(newPositions(rules).map(({ rule, position }) => [rule.id, position])).toEqual([['a', 1]]);
});

it('puts events about no record type last, the others in the order of the server', () => {
  const type = (code: string, entity: string) => ({ type: code, entity, entity_label: entity, label: code, personal: entity === 'lead' });
  const groups = groupEvents([type('import.finished', ''), type('lead.created', 'lead'), type('account.created', 'account'), type('lead.assigned', 'lead')], 'other');
  expect(groups.map(({ entity, label, types }) => [entity, label, types.length])).toEqual([['lead', 'lead', 2], ['account', 'account', 1], ['', 'other', 1]]);
});

it('offers of what a lead can be followed by each type once, called as of a lead where it is one of its own', () => {
  const type = (code: string, entity: string, personal: boolean) => ({ type: code, entity, entity_label: entity, label: code, personal });
  const types = [type('custom_field.created', 'custom_field', false), type('tag.added', 'person', true), type('tag.added', 'account', false), type('tag.added', 'lead', true), type('date.reached', 'lead', false), type('date.reached', 'account', false)];
  expect(followedEvents(types, 'lead').map(({ type: code, entity }) => [code, entity])).toEqual([['tag.added', 'lead'], ['date.reached', 'lead']]);
});
