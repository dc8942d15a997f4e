import { lazy, Suspense } from 'react';
import { useSearchParams } from 'react-router';
import type { HomeView } from '@/api/types';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { laterTexts } from '@/text/i18n';
import { Today } from './Today';
import { useHome } from './useQueue';
import './home.css';

const withWords = <Page,>(load: () => Promise<{ default: Page }>) =>
  async () => (await Promise.all([load(), laterTexts()]))[0];

const others = {
  team: lazy(withWords(() => import('./TeamHome'))),
  sources: lazy(withWords(() => import('./SourcesHome'))),
  deals: lazy(withWords(() => import('./DealsHome'))),
};

/** The first page, by what one does: own work, the team, what comes in, the deals. Which is open is in the address. */
export default function Home() {
  const { data: home, error, refetch } = useHome();
  const [search] = useSearchParams();
  if (error && !home) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (!home) return <SkeletonRows count={11} />;
  const wanted = search.get('view');
  const view: HomeView = home.views.find((candidate) => candidate === wanted) ?? home.views[0] ?? 'today';
  if (view === 'today') return <Today home={home} />;
  const Page = others[view];
  return <Suspense fallback={<SkeletonRows count={11} />}><Page views={home.views} /></Suspense>;
}
