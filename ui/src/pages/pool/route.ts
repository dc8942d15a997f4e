import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'pool',
  load: () => import('./PoolPage'),
  nav: { place: 'sales', label: 'pool.title', icon: 'share', permission: 'leads:grab', entity: 'lead', module: 'sales' },
};
