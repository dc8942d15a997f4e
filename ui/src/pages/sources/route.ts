import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'sources/*',
  load: () => import('./SourcePages'),
  nav: { place: 'marketing', label: 'sources.title', icon: 'link', permission: 'sources:manage', module: 'marketing' },
};
