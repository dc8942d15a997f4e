import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'mailings/*',
  load: () => import('./MailingPages'),
  nav: { place: 'marketing', label: 'mailings.title', icon: 'upload', permission: 'marketing:manage', entity: 'mailing', module: 'marketing' },
};
