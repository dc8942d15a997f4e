import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'attribution',
  load: () => import('./AttributionPage'),
  nav: { place: 'marketing', label: 'attribution.title', icon: 'share', permission: 'reports:read', entity: ['opportunity', 'cost'] },
};
