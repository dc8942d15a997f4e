import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'performance',
  load: () => import('./PerformancePage'),
  nav: { place: 'sales', label: 'performance.title', icon: 'podium', permission: 'reports:read', entity: 'opportunity' },
};
