import { lazy, Suspense, useEffect, useState } from 'react';
import { Navigate, useLocation } from 'react-router';
import { useTranslation } from 'react-i18next';
import { onSessionEnd } from '@/api/client';
import { useSessionQuery } from '@/api/session';
import { ErrorNotice } from '@/part/ErrorNotice';
import type { Language } from '@/api/types';
import { forgetDrafts } from './drafts';
import { preferences, setPreferences } from './preferences';
import { changeLanguage } from '@/text/i18n';

const Frame = lazy(() => import('@/frame/Frame'));
const LogInAgain = lazy(async () => ({ default: (await import('./LogInAgain')).LogInAgain }));

/** Whether the screens speak the person's language; the server's words always do, so the two must not differ. */
function useSpoken(language: Language | undefined): boolean {
  const { i18n } = useTranslation();
  useEffect(() => {
    if (!language) return;
    if (preferences().language !== language) setPreferences({ language });
    void changeLanguage(language);
  }, [language]);
  return i18n.language === language;
}

/** Lets only those in who are logged in; the others log in and come back to where they wanted to go. */
export function SessionGate() {
  const location = useLocation();
  const { data: session, error, refetch } = useSessionQuery();
  const [ended, setEnded] = useState(false);
  useEffect(() => onSessionEnd(() => setEnded(true)), []);
  useEffect(() => { if (session === null) forgetDrafts(); }, [session]);
  const spoken = useSpoken(session?.user.language);

  if (session === undefined) return error ? <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div> : null;
  if (session === null) {
    const back = location.pathname + location.search;
    return <Navigate to={back === '/' ? '/login' : `/login?back=${encodeURIComponent(back)}`} replace />;
  }
  if (!spoken) return null;
  return (
    <>
      <Suspense><Frame /></Suspense>
      {ended && <Suspense><LogInAgain session={session} onDone={() => setEnded(false)} /></Suspense>}
    </>
  );
}
