import { describe, expect, it } from 'vitest';
import { optionLines, optionsOf } from './options';
import { countChanges, type Rights } from './rights';

describe('rights', () => {
  const before: Rights = { entities: { lead: { read: 'own' } }, fields: { 'lead.phone': 'masked' }, permissions: ['audit:read'] };
  it('counts every single right that differs', () => {
    expect(countChanges(before, before)).toBe(0);
    expect(countChanges(before, {
      entities: { lead: { read: 'all', delete: 'own', create: 'none' } }, fields: { 'lead.email': 'none' }, permissions: ['import:run'],
    })).toBe(6);
  });
});

describe('options of a field', () => {
  it('are written one a line and read back', () => {
    const options = optionsOf('a=甲=First\n b ＝ 乙 \n\nc');
    expect(options).toEqual([{ code: 'a', zh: '甲', en: 'First' }, { code: 'b', zh: '乙', en: '乙' }, { code: 'c', zh: 'c', en: 'c' }]);
    expect(optionsOf(optionLines(options))).toEqual(options);
    expect(optionLines(null)).toBe('');
  });
});
