import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'forms/*',
  load: () => import('./FormPages'),
  nav: { place: 'marketing', label: 'forms.title', icon: 'document', permission: 'sources:manage', entity: 'form', module: 'marketing' },
};
