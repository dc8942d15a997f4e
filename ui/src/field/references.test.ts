import { beforeAll, expect, it } from 'vitest';
import type { Entity, RecordRow } from '@/api/types';
import { startTexts } from '@/text/i18n';
import { titleOf } from './references';

beforeAll(() => startTexts('zh'));

const lead = { name: 'lead', label: '线索', title_field: 'name', fields: [] } as unknown as Entity;
const handover = { name: 'handover', label: '线索交接', title_field: 'lead_id', fields: [] } as unknown as Entity;
const row = (values: Record<string, unknown>) => ({ id: '187736401', version: 1, ...values }) as unknown as RecordRow;

it('calls a record by its name', () => {
  expect(titleOf(lead, row({ name: ' 李娜 ', phone: '13800000000' }))).toBe('李娜');
});

it('finds a stand-in for one without a name', () => {
  expect(titleOf(lead, row({ name: '\u200b ', phone: '138****0000' }))).toBe('138****0000');
  expect(titleOf(lead, row({ name: null, company_name: '宏达机械', phone: '138****0000' }))).toBe('宏达机械');
});

it('calls one whose name is a reference as that record is called', () => {
  expect(titleOf(handover, row({ lead_id: '9', _refs: { lead_id: { id: '9', title: '李娜' } } }))).toBe('李娜');
});

it('never shows a number in the place of a name', () => {
  expect(titleOf(handover, row({ lead_id: '9' }))).not.toContain('9');
  expect(titleOf(lead, row({ name: '' }))).toBe('未命名线索');
  expect(titleOf(lead, row({}))).toBe('名称不可见');
});
