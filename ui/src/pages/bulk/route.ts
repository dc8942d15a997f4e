import type { PageRoute } from '@/app/registry';

export const route: PageRoute = { path: 'bulk/*', load: () => import('./BulkPages') };
