import type { Pair } from '../../src/pages/duplicates/pairs.ts';
import type { Entity, Field, RecordRow } from '../../src/api/types.ts';
import { meta } from './model.ts';

/** Two people who may be one, for the tests of the page that joins them. */

const found = meta.entities.find(({ name }) => name === 'person')!;
const like = (name: string, more: Partial<Field>): Field => ({ ...found.fields[0]!, name, required: false, ...more });

export const person: Entity = {
  ...found,
  fields: [
    ...found.fields.filter(({ name }) => name === 'name' || name === 'email').toSpliced(1, 0, like('phone', { label: '手机', type: 'phone' })),
    like('company_name', { label: '公司' }), like('job_title', { label: '职位' }), like('wechat', { label: '微信' }),
    like('owner_id', { label: '负责人', type: 'reference', target: 'user', system: true }),
    like('created_at', { label: '创建时间', type: 'instant', system: true, read_only: true }),
  ],
};

const record = (id: string, values: Partial<RecordRow>): RecordRow => ({
  id, version: 1, created_at: '2026-11-20T02:00:00Z', updated_at: '2026-11-20T02:00:00Z', owner_id: '1', wechat: null,
  _refs: { owner_id: { id: '1', title: '周敏', entity: 'user' } }, name: '孙立民', ...values,
});

/** The second is proposed to stay. */
export function pairOf([a, b]: [Partial<RecordRow>, Partial<RecordRow>] = [{}, {}], more: Partial<Pair> = {}): Pair {
  return {
    id: '7', entity: 'person', state: 'open', probability: 0.981783, by_hand: false, sure: false, found_at: '2026-11-23T02:00:00Z', decided_at: null, winner_id: '12',
    reasons: [
      { field: 'name', level: 'equal', bits: 4 }, { field: 'phone', level: 'near', bits: -1.2 }, { field: 'email', level: 'missing', bits: 0 },
      { field: 'company_name', level: 'equal', bits: 4 }, { field: 'wechat', level: 'missing', bits: 0 },
    ],
    records: [
      record('11', { phone: '13812342647', email: null, company_name: '无锡天工股份有限公司', job_title: '设备部经理', ...a }),
      record('12', { phone: '13812342674', email: 'sunlimin@tiangong.cn', company_name: '无锡天工有限公司', job_title: '设备部副经理', ...b }),
    ],
    ...more,
  };
}
