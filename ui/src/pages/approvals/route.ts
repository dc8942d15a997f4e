import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'approvals/*',
  load: () => import('./ApprovalsPage'),
  nav: { place: 'sales', label: 'approval.title', icon: 'check', shared: true },
};
