import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'handovers',
  load: () => import('./HandoversPage'),
  nav: { place: 'marketing', label: 'handover.title', icon: 'share', permission: 'handover:make', entity: 'handover', module: 'sales', shared: true },
};
