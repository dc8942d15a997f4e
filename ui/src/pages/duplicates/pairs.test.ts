import { describe, expect, it } from 'vitest';
import type { RecordRow } from '@/api/types';
import { draftOf, keptSide, likelihoodOf, linesOf, markOf, partsOf, takenFields, type Pair } from './pairs';
import { pairOf, person } from '../../../dev/mock/pair';

const line = (pair: Pair, name: string) => linesOf(person, pair).find(({ field }) => field.name === name)!;

describe('two records beside each other', () => {
  it('have a line for each field that either has, who made it and whose it is last', () => {
    expect(linesOf(person, pairOf()).map(({ field }) => field.name)).toEqual(['name', 'phone', 'email', 'company_name', 'job_title', 'created_at', 'owner_id']);
  });

  it('keep what the one that stays has, and take from the other what it lacks', () => {
    const pair = pairOf();
    const first = { winner: 0 as const, kept: {} };
    expect(draftOf(pair)).toEqual({ winner: 1, kept: {} });
    expect(keptSide(line(pair, 'phone'), first)).toBe(0);
    expect(keptSide(line(pair, 'email'), first)).toBe(1);
    expect(takenFields(linesOf(person, pair), first)).toEqual([]);
  });

  it('send as taken only what is chosen against a value of the one that stays', () => {
    const lines = linesOf(person, pairOf());
    expect(takenFields(lines, { winner: 0, kept: { phone: 1, job_title: 0 } })).toEqual(['phone']);
    expect(takenFields(lines, { winner: 1, kept: { phone: 1, job_title: 0 } })).toEqual(['job_title']);
    expect(takenFields(lines, { winner: 0, kept: { email: 0, name: 1 } })).toEqual([]);
  });

  it('offer no choice where a value is masked or may not be written', () => {
    const masked = pairOf([{ phone: '138****2647', _masked: ['phone'] }, { phone: '138****2647', _masked: ['phone'] }]);
    expect(line(masked, 'phone')).toMatchObject({ differs: true, choosable: false });
    const fixed = { ...person, fields: person.fields.map((field) => ({ ...field, writable: false })) };
    expect(linesOf(fixed, pairOf()).some(({ choosable }) => choosable)).toBe(false);
  });

  it('are marked by the reasons, and where none was asked by what differs', () => {
    const pair = pairOf();
    expect(['name', 'phone', 'email', 'company_name', 'job_title', 'created_at'].map((name) => markOf(line(pair, name))))
      .toEqual(['equal', 'near', 'missing', 'alike', 'different', null]);
    const same: Partial<RecordRow> = { job_title: '设备部经理' };
    expect(markOf(line(pairOf([same, same]), 'job_title'))).toBe(null);
  });
});

it('what is a text\'s own is what neither begins nor ends as the other', () => {
  expect(partsOf('13812342647', '13812342674')).toEqual(['138123426', '47', '']);
  expect(partsOf('无锡天工股份有限公司', '无锡天工有限公司')).toEqual(['无锡天工', '股份', '有限公司']);
  expect(partsOf('无锡天工有限公司', '无锡天工股份有限公司')).toEqual(['无锡天工', '', '有限公司']);
  expect(partsOf('aa', 'aaa')).toEqual(['aa', '', '']);
  expect(partsOf('𠮷', '吉')).toEqual(['', '𠮷', '']);
});

it('a verdict is put in words by how sure it is', () => {
  expect([0.99, 0.95, 0.949, 0.75, 0.749, 0.5].map((probability) => likelihoodOf({ sure: false, probability }))).toEqual(['very', 'very', 'likely', 'likely', 'perhaps', 'perhaps']);
  expect(likelihoodOf({ sure: true, probability: 0.9995 })).toBe('sure');
});
