import { createBrowserRouter, type RouteObject } from 'react-router';
import { laterTexts } from '@/text/i18n';
import { pageRoutes } from './registry';
import { PageError } from './PageError';
import { PageLost } from './PageLost';
import { SessionGate } from './SessionGate';

type PageModule = Promise<{ default: React.ComponentType }>;

function lazyPage(path: string | undefined, load: () => PageModule): RouteObject {
  /* The router draws nothing at all for a page that cannot be fetched. */
  const lazy = async () => ({ Component: await load().then((page) => page.default, () => PageLost) });
  return path === undefined
    ? { index: true, lazy, errorElement: <PageError /> }
    : { path, lazy, errorElement: <PageError /> };
}

/** A page whose words come with it. */
const withWords = (path: string, load: () => PageModule) =>
  lazyPage(path, async () => (await Promise.all([load(), laterTexts()]))[0]);

/** All addresses. Pages of record types are made from metadata; the others are found in `pages/`. */
export function createRouter() {
  return createBrowserRouter([
    { ...lazyPage('/login', () => import('@/pages/login/Login')), hydrateFallbackElement: <></> },
    {
      path: '/',
      element: <SessionGate />,
      errorElement: <PageError />,
      hydrateFallbackElement: <></>,
      children: [
        lazyPage(undefined, () => import('@/pages/home/Home')),
        lazyPage('inbox', () => import('@/pages/inbox/Inbox')),
        ...pageRoutes.map((route) => withWords(route.path, route.load)),
        withWords(':plural', () => import('@/pages/list/ListPage')),
        withWords(':plural/:id', () => import('@/pages/record/RecordPage')),
        lazyPage('*', () => import('@/pages/missing/Missing')),
      ],
    },
  ]);
}
