import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'imports/*',
  load: () => import('./ImportPages'),
  nav: { place: 'data', label: 'import.title', icon: 'upload', permission: 'import:run', module: 'data' },
};
