import { expect, it } from 'vitest';
import { membersOf, reweighed, storedMembers, storedWeighted, weightedOf } from './leadPools';

it('who may grab is one list on the screen and three in the pool', () => {
  const stored = { users: ['1', '2'], departments: ['7'] };
  expect(membersOf(stored)).toEqual([{ kind: 'user', id: '1' }, { kind: 'user', id: '2' }, { kind: 'department', id: '7' }]);
  expect(storedMembers(membersOf(stored))).toEqual(stored);
  expect(membersOf(null)).toEqual([]);
});

it('weights stay with those who stay, and who is new begins with one', () => {
  const before = weightedOf([{ user_id: '1', weight: 3 }, { team_id: '4' }]);
  expect(before.map(({ weight }) => weight)).toEqual([3, 1]);
  const after = reweighed(before, [{ kind: 'user', id: '9' }, { kind: 'user', id: '1' }]);
  expect(storedWeighted(after)).toEqual([{ user_id: '9', weight: 1 }, { user_id: '1', weight: 3 }]);
});
