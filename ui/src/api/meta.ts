import { useMemo } from 'react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from './client';
import { useSession } from './session';
import type { Entity, Field, Meta } from './types';

/** The record types this person may see, found by name or by plural. */
export class Model {
  readonly entities: Entity[];
  private readonly labels: Record<string, string>;
  private readonly byName = new Map<string, Entity>();
  private readonly byPlural = new Map<string, Entity>();

  constructor(meta: Meta) {
    this.entities = meta.entities;
    this.labels = meta.labels;
    for (const entity of meta.entities) {
      this.byName.set(entity.name, entity);
      this.byPlural.set(entity.plural, entity);
    }
  }

  named(name: string | null | undefined): Entity | undefined {
    return name ? this.byName.get(name) : undefined;
  }

  plural(plural: string | null | undefined): Entity | undefined {
    return plural ? this.byPlural.get(plural) : undefined;
  }

  /** Label of a group of fields. */
  groupLabel(group: string): string {
    return this.labels[group] ?? this.labels[`group.${group}`] ?? group;
  }

  /** The field a path such as `account_id.industry` ends in. */
  fieldAt(entity: Entity, path: string): Field | undefined {
    let at: Entity | undefined = entity;
    let field: Field | undefined;
    for (const name of path.split('.')) {
      field = at?.fields.find((candidate) => candidate.name === name);
      at = this.named(field?.target);
    }
    return field;
  }

  /** "客户 · 行业" for `account_id.industry`. */
  labelAt(entity: Entity, path: string): string {
    const names = path.split('.');
    return names
      .map((_, index) => this.fieldAt(entity, names.slice(0, index + 1).join('.'))?.label ?? names[index])
      .join(' · ');
  }
}

export function fieldOf(entity: Entity, name: string): Field | undefined {
  return entity.fields.find((field) => field.name === name);
}

/** Address of a record in this client. */
export function recordPath(entity: Entity, id: string): string {
  return `/${entity.plural}/${id}`;
}

/** Parts of the program that are never switched off, and the record types a company makes itself. */
const alwaysOn = new Set(['', 'platform', 'customer']);

/** The metadata without the record types of clouds that are switched off. */
export function withoutOff(meta: Meta, clouds: string[]): Meta {
  const on = (entity: Entity) => entity.custom || alwaysOn.has(entity.module) || clouds.includes(entity.module);
  return { ...meta, entities: meta.entities.filter(on) };
}

/** Everything the server describes, also of clouds that are off. Suspends until read. */
export function useMeta(): Meta {
  const { i18n } = useTranslation();
  const { data } = useSuspenseQuery({
    queryKey: ['meta', i18n.language],
    queryFn: () => api.get<Meta>('/meta'),
    staleTime: 5 * 60_000,
  });
  return data;
}

/** What the server offers this person, in the person's language. Suspends until read. */
export function useModel(): Model {
  const meta = useMeta();
  const { modules } = useSession();
  return useMemo(() => new Model(withoutOff(meta, modules)), [meta, modules]);
}
