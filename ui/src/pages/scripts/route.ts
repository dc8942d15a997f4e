import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'scripts',
  load: () => import('./ScriptsPage'),
  nav: { place: 'sales', label: 'script.title', icon: 'message', entity: 'script' },
};
