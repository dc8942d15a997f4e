import { lazy, Suspense, useEffect } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Navigate, useLocation } from 'react-router';
import { onSessionEnd } from '@/api/client';
import { forgetSession, useSessionQuery } from '@/api/session';
import { ErrorNotice } from '@/part/ErrorNotice';
import { preferences } from './preferences';
import { changeLanguage } from '@/text/i18n';

const Frame = lazy(() => import('@/frame/Frame'));

/** Lets only those in who are logged in; the others log in and come back to where they wanted to go. */
export function SessionGate() {
  const client = useQueryClient();
  const location = useLocation();
  const { data: session, error, refetch } = useSessionQuery();
  useEffect(() => onSessionEnd(() => forgetSession(client)), [client]);
  const language = session?.user.language;
  useEffect(() => {
    if (language && !preferences().language) void changeLanguage(language);
  }, [language]);

  if (session === undefined) return error ? <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div> : null;
  if (session === null) {
    const back = location.pathname + location.search;
    return <Navigate to={back === '/' ? '/login' : `/login?back=${encodeURIComponent(back)}`} replace />;
  }
  return <Suspense><Frame /></Suspense>;
}
