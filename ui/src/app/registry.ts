import type { ComponentType } from 'react';
import type { Entity, Condition } from '@/api/types';
import type { IconName } from '@/part/icons';
import type { FirstTextCode, TextCode } from '@/text/i18n';

/** The clouds of the rail, in their order. */
export const clouds = ['marketing', 'sales', 'success', 'data'] as const;
export type Cloud = (typeof clouds)[number];

/**
 * A page outside the record types. A folder in `pages/` with a `route.ts` that exports `route` is found
 * by itself: router, rail, command palette and settings take it from here.
 */
export interface PageRoute {
  /** Path below the root, without a leading slash; may have parameters and children (`settings/*`). */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
  /** Where it is offered; without it the page is reached by links only. */
  nav?: {
    /** The cloud it belongs to, or `foot` beside the settings. */
    place: Cloud | 'foot';
    label: FirstTextCode;
    icon: IconName;
    /** Seen only by those who have it. */
    permission?: string;
    /** Seen only by those who may read this record type, or one of these. */
    entity?: string | string[];
    /** Not seen when the company has switched this module off. */
    module?: string;
    /** What all clouds share: after the cloud's own pages, and under the first cloud that is on while its own is off. */
    shared?: boolean;
  };
}

/** What a form of view (table, kanban, …) of a list gets. */
export interface ViewFormProps {
  entity: Entity;
  where: Condition | null;
  sort: string;
  /** Changes the condition of the list and with it the address. */
  onWhere: (where: Condition | null) => void;
}

/** Another form of a list than the table. Exported as `form` by `pages/<folder>/form.ts`. */
export interface ViewForm {
  name: string;
  label: TextCode;
  icon: IconName;
  allows: (entity: Entity) => boolean;
  /** What has ended stands beside the rest, so a view of what is open leaves nothing out here. */
  endedApart?: boolean;
  load: () => Promise<{ default: ComponentType<ViewFormProps> }>;
}

export const pageRoutes: PageRoute[] = Object.values(
  import.meta.glob<PageRoute>('../pages/*/route.ts', { eager: true, import: 'route' }),
);

export const viewForms: ViewForm[] = Object.values(
  import.meta.glob<ViewForm>('../pages/*/form.ts', { eager: true, import: 'form' }),
);
