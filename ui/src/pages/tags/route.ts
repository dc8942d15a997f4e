import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'tags',
  load: () => import('./TagsPage'),
  nav: { place: 'marketing', label: 'tag.title', icon: 'tag', entity: 'tag', shared: true },
};
