import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'segments/*',
  load: () => import('./SegmentPages'),
  nav: { place: 'marketing', label: 'segment.title', icon: 'filter', entity: 'segment', shared: true },
};
