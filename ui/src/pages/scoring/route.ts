import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'scoring/*',
  load: () => import('./ScoringPages'),
  nav: { place: 'marketing', label: 'scoring.title', icon: 'star', permission: 'automation:manage', entity: 'score_card', module: 'marketing' },
};
