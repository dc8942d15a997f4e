import { describe, expect, it } from 'vitest';
import { gapsOf } from '@/record/scripts';
import { whereOf } from './library';

const all = { scene: '', objection: '', industry: '', whose: 'all' } as const;

describe('scripts', () => {
  it('what is asked becomes one condition', () => {
    expect(whereOf(all, null, [], '7')).toBeNull();
    expect(whereOf({ ...all, scene: 'opening', whose: 'mine' }, null, [], '7')).toEqual({
      all: [{ field: 'scene', op: 'eq', value: 'opening' }, { field: 'owner_id', op: 'eq', value: '7' }],
    });
    expect(whereOf(all, ['3', '4'], [], '7')).toEqual({ all: [{ field: 'id', op: 'in', value: ['3', '4'] }] });
  });
  it('no favourites and nothing found are no records, not all', () => {
    expect(whereOf({ ...all, whose: 'favourite' }, null, [], '7')).toEqual({ all: [{ field: 'id', op: 'in', value: ['1'] }] });
    expect(whereOf(all, [], [], '7')).toEqual({ all: [{ field: 'id', op: 'in', value: ['1'] }] });
  });
  it('what is to be filled in stands apart', () => {
    expect(gapsOf('孙总您好，{{me}}，【产品】')).toEqual([
      { text: '孙总您好，', gap: false }, { text: '{{me}}', gap: true }, { text: '，', gap: false }, { text: '【产品】', gap: true },
    ]);
  });
});
