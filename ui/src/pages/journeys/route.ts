import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'journeys',
  load: () => import('./JourneysPage'),
  nav: { place: 'marketing', label: 'journeys.title', icon: 'branch', permission: 'marketing:manage', entity: 'journey', module: 'marketing' },
};
