export const actions = ['read', 'create', 'update', 'delete', 'assign', 'export', 'import'] as const;
export type Action = (typeof actions)[number];
export const scopes = ['none', 'own', 'team', 'tree', 'all'] as const;
export type Scope = (typeof scopes)[number];
export const fieldRights = ['none', 'masked', 'read', 'write'] as const;
export type FieldRight = (typeof fieldRights)[number];

export interface Rights {
  entities: Record<string, Partial<Record<Action, Scope>>>;
  /** By "entity.field"; fields that are not named follow the record. */
  fields: Record<string, FieldRight>;
  permissions: string[];
}

/** How many single rights differ; said before saving. */
export function countChanges(before: Rights, after: Rights): number {
  const cells = Object.entries(after.entities).flatMap(([entity, row]) =>
    actions.filter((action) => (row[action] ?? 'none') !== (before.entities[entity]?.[action] ?? 'none')));
  const names = new Set([...Object.keys(before.fields), ...Object.keys(after.fields)]);
  const fields = [...names].filter((name) => before.fields[name] !== after.fields[name]);
  const permissions = new Set([...before.permissions, ...after.permissions]);
  const changed = [...permissions].filter((name) => before.permissions.includes(name) !== after.permissions.includes(name));
  return cells.length + fields.length + changed.length;
}
