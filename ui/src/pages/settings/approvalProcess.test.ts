import { expect, it } from 'vitest';
import type { Entity } from '@/api/types';
import { draftOfProcess, forApprovers, isComplete, kindOf, shownAtFirst, stored, watchedAs } from './approvalProcess';

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

it('an approver is shown the columns of the record at first, but nobody’s number', () => {
  const field = (name: string, type: string, listed = true) => ({ name, type, listed });
  const entity = { title_field: 'name', fields: [field('name', 'text'), field('amount', 'money'), field('phone', 'phone'), field('note', 'text', false)] } as unknown as Entity;
  expect(shownAtFirst(entity)).toEqual(['amount']);
  expect(shownAtFirst(undefined)).toEqual([]);
});

it('what is personal is neither proposed nor offered: the server takes no process that shows it', () => {
  const entity = {
    title_field: 'name',
    fields: [{ name: 'amount', type: 'money', listed: true }, { name: 'x_licence', type: 'text', listed: true, custom: true, personal: true }],
  } as unknown as Entity;
  expect(shownAtFirst(entity)).toEqual(['amount']);
  expect(forApprovers(entity).map(({ name }) => name)).toEqual(['amount']);
});

it('the values that start a process are told where it stands in the list', () => {
  const draft = { ...draftOfProcess(null, 'opportunity'), trigger: 'change' as const, watch_field: 'stage_id' };
  expect(watchedAs(draft)).toBeNull();
  expect(watchedAs({ ...draft, watch_values: ['7'] })).toEqual({ field: 'stage_id', op: 'in', value: ['7'] });
  expect(watchedAs({ ...draft, watch_values: ['7'], trigger: 'manual' })).toBeNull();
});
