import type { PageRoute } from '@/app/registry';

export const route: PageRoute = {
  path: 'mails/*',
  load: () => import('./MailPages'),
  nav: { place: 'marketing', label: 'mails.title', icon: 'mail', permission: 'marketing:manage', entity: 'mail_template', module: 'marketing' },
};
