import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'handovers',
  load: () => import('./HandoversPage'),
  nav: { place: 'marketing', label: 'handover.title', icon: 'share', entity: 'handover', module: 'sales', shared: true },
};
