import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'cleansing',
  load: () => import('./CleansingPage'),
  nav: { place: 'data', label: 'cleansing.title', icon: 'filter', permission: 'duplicates:review', module: 'data' },
};
