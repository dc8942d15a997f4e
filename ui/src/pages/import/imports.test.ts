import { describe, expect, it } from 'vitest';
import type { Entity } from '@/api/types';
import { missingFields, standardDecision, withDecision, withDecisions, type Dirt, type ImportColumn } from './imports';

const near: Dirt = { column: 0, field: 'product_id', value: 'GTXPro', suggestion: 'GTX Pro', suggestion_id: null, kind: 'near', rows: 12 };
const missing: Dirt = { column: 0, field: 'product_id', value: '新品', suggestion: null, suggestion_id: null, kind: 'missing', rows: 2 };
const several: Dirt = { column: 0, field: 'product_id', value: '两种', suggestion: null, suggestion_id: null, kind: 'several', rows: 1 };
const stage: Dirt = { ...several, value: '赢单', suggestion_id: '7' };
const unknown: Dirt = { column: 1, field: 'amount', value: '-1', suggestion: null, suggestion_id: null, kind: 'unknown', rows: 3 };
const mapping: ImportColumn[] = [
  { column: 0, header: '产品', field: 'product_id', rules: { create_missing: false, replace: { 旧: '新' } } },
  { column: 1, header: '金额', field: 'amount' },
  { column: 2, header: '备注', field: null },
];

describe('decisions about values of the file', () => {
  it('proposes the near value and nothing for a sign of unknown', () => {
    expect([near, missing, unknown, several, stage].map(standardDecision)).toEqual([{ to: 'GTX Pro' }, 'keep', { to: null }, 'keep', { id: '7' }]);
  });
  it('puts them into the rules of their column beside the earlier ones', () => {
    const [product, amount, note] = withDecisions(mapping, [near, missing, unknown], { '0:新品': 'create' });
    expect(product?.rules).toEqual({ create_missing: true, replace: { 旧: '新', GTXPro: 'GTX Pro' } });
    expect(amount?.rules?.replace).toEqual({ '-1': null });
    expect(note).toBe(mapping[2]);
  });
  it('names records by their ids', () => {
    const [product] = withDecisions(mapping, [several, stage], { '0:两种': { id: '9' } });
    expect(product?.rules?.replace).toEqual({ 旧: '新', 两种: { id: '9' }, 赢单: { id: '7' } });
  });
  it('makes all that a column misses, or nothing', () => {
    const other: Dirt = { ...missing, value: '另一新品' };
    const made = withDecision({}, [near, missing, other], missing, 'create');
    expect(made).toEqual({ '0:新品': 'create', '0:另一新品': 'create' });
    expect(withDecision(made, [near, missing, other], other, 'keep')).toEqual({ '0:新品': 'keep', '0:另一新品': 'keep' });
    expect(withDecision({}, [missing, other], missing, { to: null })).toEqual({ '0:新品': { to: null } });
  });
  it('follows the person instead of the proposal', () => {
    const [product] = withDecisions(mapping, [near], { '0:GTXPro': 'keep' });
    expect(product?.rules?.replace).toEqual({ 旧: '新' });
  });
});

describe('fields nobody fills', () => {
  it('names what a row is refused for, not what the program makes of the row', () => {
    const field = (name: string) => ({ name, type: 'text', required: true });
    const user = { name: 'user', title_field: 'name', fields: [field('name'), field('login'), field('badge')] } as unknown as Entity;
    expect(missingFields(user, []).map(({ name }) => name)).toEqual(['badge']);
    expect(missingFields(user, [{ column: 0, header: '工牌', field: 'badge' }])).toEqual([]);
    const activity = { name: 'activity', title_field: 'content', fields: [field('content'), field('subject_type'), field('subject_id')] } as unknown as Entity;
    expect(missingFields(activity, []).map(({ name }) => name)).toEqual(['content', 'subject_id']);
    expect(missingFields(activity, [{ column: 0, header: '客户', field: 'subject_id.account' }]).map(({ name }) => name)).toEqual(['content']);
  });
});
