import type { PageRoute } from '@/app/registry';

export const route: PageRoute = { path: 'journeys/:id', load: () => import('./JourneyPage') };
