import { expect, it } from 'vitest';
import { ApiError } from '@/api/client';
import { heldBy, needs, type ApprovalStep } from '@/api/approvals';
import { nextOpen } from './approvals';

it('the next opens itself, at the end the one before, and nothing when there is none', () => {
  const rows = [{ id: '1' }, { id: '2' }, { id: '3' }];
  expect(nextOpen(rows, '2')).toBe('3');
  expect(nextOpen(rows, '3')).toBe('2');
  expect(nextOpen([{ id: '1' }], '1')).toBeNull();
  expect(nextOpen(rows, undefined)).toBeNull();
});

it('how many must agree is told of those asked', () => {
  const step = (mode: ApprovalStep['mode'], percent = 100) => ({ mode, percent }) as ApprovalStep;
  expect([needs(step('any'), 3), needs(step('any'), 0), needs(step('all'), 3), needs(step('ratio', 60), 3), needs(step('ratio', 50), 3)]).toEqual([1, 0, 3, 2, 2]);
});

it('only the refusal that offers an approval is taken for one', () => {
  const refused = (code: string) => new ApiError({ type: '', title: '', status: 409, code, parameters: { process: '合同法务评审' } });
  expect(heldBy(refused('approval.needed'))).toBe('合同法务评审');
  expect(heldBy(refused('approval.locked'))).toBeNull();
  expect(heldBy(new Error('x'))).toBeNull();
});
