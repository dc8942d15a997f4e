import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'settings/*',
  load: () => import('./SettingsPages'),
  nav: { place: 'foot', label: 'frame.settings', icon: 'settings' },
};
