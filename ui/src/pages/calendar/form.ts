import type { ViewForm } from '@/app/registry';

export const form: ViewForm = {
  name: 'calendar',
  label: 'calendar.title',
  icon: 'calendar',
  /* As dateFields of calendar.ts, which is not loaded for this question alone. */
  allows: (entity) => entity.fields.some(({ type, system, filterable, sortable, read_only: fixed, immutable, writable }) =>
    (type === 'date' || type === 'instant') && !system && filterable && sortable && writable && !fixed && !immutable),
  load: () => import('./Calendar'),
};
