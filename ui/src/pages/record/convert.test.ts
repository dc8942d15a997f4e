import { describe, expect, it } from 'vitest';
import type { ConvertCondition, ConvertPreview } from '@/api/types';
import { bodyOf, contactsAt, isAsked, newOne, none, startOf, type Filled } from './convert';

const condition: ConvertCondition = { id: '1', text: '预算清楚', met: false, asked_for: 'any', pipeline_id: null, parts: { holds: false } };
const preview: ConvertPreview = {
  conditions: [condition],
  duplicates: {
    accounts: [{ id: '10', title: '无锡天工', reason: '公司名称相同', account_id: null }],
    contacts: [{ id: '20', title: '孙立民', reason: '同名', account_id: '10' }, { id: '21', title: '孙立民', reason: '同名', account_id: '11' }],
    opportunities: [{ id: '30', title: '伺服改造', reason: '进行中', account_id: '10' }, { id: '31', title: '散单', reason: '进行中', account_id: null }],
  },
  suggested: { account_name: '无锡天工', opportunity_name: '无锡天工 伺服', pipeline_id: '40' },
};
const filled = (change: Partial<Filled>): Filled => ({ ...startOf(preview), ...change });

describe('what the wizard sends', () => {
  it('begins with what is there', () => {
    expect(startOf(preview)).toMatchObject({ account: '10', deal: newOne, pipeline_id: '40' });
    expect(startOf({ ...preview, duplicates: { accounts: [], contacts: [], opportunities: [] } }).account).toBe(newOne);
  });

  it('joins a deal, whose account it is', () => {
    expect(bodyOf(preview, filled({ deal: '30', account: newOne }))).toEqual({ account: null, contact: null, opportunity: { id: '30' } });
    expect(bodyOf(preview, filled({ deal: '31', account: '10' }))).toEqual({ account: { id: '10' }, contact: null, opportunity: { id: '31' } });
  });

  it('names a contact only where he is', () => {
    expect(bodyOf(preview, filled({ contact: '20' })).contact).toEqual({ id: '20' });
    expect(bodyOf(preview, filled({ contact: '21' })).contact).toBeNull();
    expect(contactsAt(preview, newOne)).toEqual([]);
  });

  it('makes a person only', () => {
    expect(bodyOf(preview, filled({ account: none, deal: none }))).toEqual({ account: null, contact: null, opportunity: null });
  });
});

describe('what is asked', () => {
  it('depends on what is made', () => {
    expect(isAsked(condition, preview, filled({}))).toBe(true);
    expect(isAsked({ ...condition, asked_for: 'deal' }, preview, filled({ deal: none }))).toBe(false);
    expect(isAsked({ ...condition, asked_for: 'account' }, preview, filled({ account: none }))).toBe(false);
    expect(isAsked({ ...condition, asked_for: 'account' }, preview, filled({ account: none, deal: '30' }))).toBe(true);
  });

  it('depends on the pipeline', () => {
    expect(isAsked({ ...condition, pipeline_id: '40' }, preview, filled({}))).toBe(true);
    expect(isAsked({ ...condition, pipeline_id: '41' }, preview, filled({}))).toBe(false);
    expect(isAsked({ ...condition, pipeline_id: '40' }, preview, filled({ deal: none }))).toBe(false);
  });
});
