import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'reports/funnel',
  load: () => import('./FunnelPage'),
  nav: { place: 'data', label: 'funnel.title', icon: 'filter', permission: 'reports:read', entity: 'opportunity' },
};
