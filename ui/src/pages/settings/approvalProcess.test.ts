import { expect, it } from 'vitest';
import { draftOfProcess, isComplete, kindOf, stored } from './approvalProcess';

it('a new process asks the owner’s manager, and is complete with a name', () => {
  const draft = draftOfProcess(null, 'opportunity');
  expect(isComplete(draft)).toBe(false);
  expect(isComplete({ ...draft, name: '折扣' })).toBe(true);
  expect(isComplete({ ...draft, name: '折扣', steps: [{ name: '', mode: 'any', approvers: [{ user: '' }] }] })).toBe(false);
  expect(isComplete({ ...draft, name: '折扣', trigger: 'change' })).toBe(false);
});

it('a share is sent for a ratio only, and nothing is watched unless a change starts it', () => {
  const draft = { ...draftOfProcess(null, 'opportunity'), name: ' 折扣 ', watch_field: 'stage_id', watch_values: ['1'] };
  expect(stored({ ...draft, steps: [{ name: '', mode: 'any', percent: 60, approvers: [{ role: '2' }] }] })).toMatchObject({
    name: '折扣', watch_field: null, watch_values: [], steps: [{ name: '', mode: 'any', approvers: [{ role: '2' }] }],
  });
  expect(stored({ ...draft, steps: [{ name: '', mode: 'ratio', approvers: [{ role: '2' }] }] }).steps).toMatchObject([{ percent: 50 }]);
  expect(kindOf({ field: 'owner_id' })).toBe('field');
});
