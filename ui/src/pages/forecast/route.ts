import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'forecast',
  load: () => import('./ForecastPage'),
  nav: { place: 'sales', label: 'forecast.title', icon: 'forecast', permission: 'reports:read', entity: 'opportunity' },
};
