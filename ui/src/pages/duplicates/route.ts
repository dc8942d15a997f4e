import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'duplicates',
  load: () => import('./DuplicatesPage'),
  nav: { place: 'data', label: 'duplicates.title', icon: 'merge', permission: 'duplicates:review', entity: 'person', shared: true },
};
