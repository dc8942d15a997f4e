import type { TFunction } from 'i18next';
import { expect, test } from 'vitest';
import type { Entity, Meta } from '@/api/types';
import { scopeWords, tokenScopes } from './permissions';

const entity = (plural: string, setting: boolean, create: boolean) => ({ plural, label_plural: plural.toUpperCase(), setting, actions: { create, update: false } }) as Entity;
const t = ((key: string, values: { entity: string }) => `${key} ${values.entity}`) as unknown as TFunction;

test('a token is bound to record types and to what its maker may besides', () => {
  const meta: Meta = {
    entities: [entity('leads', false, true), entity('touches', false, false), entity('stages', true, true)],
    labels: {}, permissions: { 'reports:read': 'Read reports', 'users:manage': 'Manage users' },
  };
  const choices = tokenScopes(t, meta, ['reports:read', 'lead:read']);
  expect(choices.map(({ value }) => value)).toEqual(['leads:read', 'leads:write', 'touches:read', 'reports:read']);
  expect(scopeWords(choices, 'leads:write reports:read old:one')).toEqual(['settings.scope_write LEADS', 'Read reports', 'old:one']);
  expect(scopeWords(choices, '')).toEqual([]);
});
