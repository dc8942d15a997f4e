import type { TFunction } from 'i18next';
import type { Meta } from '@/api/types';

/** What a token may be bound to: record types to read or to change, and the rights of who makes it. */
export function tokenScopes(t: TFunction, { entities, permissions = {} }: Meta, mine: string[]) {
  const types = entities.filter(({ setting }) => !setting).flatMap(({ plural, label_plural, actions }) => [
    { value: `${plural}:read`, label: t('settings.scope_read', { entity: label_plural }) },
    ...(actions.create || actions.update ? [{ value: `${plural}:write`, label: t('settings.scope_write', { entity: label_plural }) }] : []),
  ]);
  const others = Object.entries(permissions).filter(([name]) => mine.includes(name));
  return [...types, ...others.map(([value, label]) => ({ value, label }))];
}

/** Scopes, blanks apart, in words. */
export function scopeWords(choices: { value: string; label: string }[], scopes: string): string[] {
  return scopes.split(' ').filter(Boolean).map((scope) => choices.find(({ value }) => value === scope)?.label ?? scope);
}
