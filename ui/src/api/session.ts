import { useEffect } from 'react';
import { useQuery, type QueryClient } from '@tanstack/react-query';
import { api, ApiError } from './client';
import type { Language, Session } from './types';

const sessionKey = ['session'] as const;

async function readSession(): Promise<Session | null> {
  try {
    return await api.get<Session>('/session', undefined, { anonymous: true });
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Of somebody at work, an end is told as every refusal is, and what is known of him stays. */
const keepSession = (client: QueryClient) =>
  (client.getQueryData(sessionKey) ? api.get<Session>('/session') : readSession());

/** Who is logged in; null when nobody is. */
export function useSessionQuery() {
  return useQuery({ queryKey: sessionKey, queryFn: ({ client }) => keepSession(client), staleTime: Infinity, retry: 1 });
}

/** The session inside the frame, where there always is one. */
export function useSession(): Session {
  const { data } = useSessionQuery();
  if (!data) throw new Error('useSession outside the frame');
  return data;
}

export function useMay(): (permission: string) => boolean {
  const { permissions } = useSession();
  return (permission) => permissions.includes(permission) || permissions.includes('*');
}

/** Drops everything read for one person, so that the next one never sees it. */
export function forgetSession(client: QueryClient): void {
  client.cancelQueries();
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
  client.setQueryData(sessionKey, null);
}

/** With the language chosen while logging in, if one was: it is the person's from then on. */
export async function logIn(client: QueryClient, login: string, password: string, language?: Language): Promise<void> {
  await api.post('/session', { login, password }, { anonymous: true });
  if (language) await api.patch('/session', { language });
  const session = await readSession();
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
  client.setQueryData(sessionKey, session);
}

/** The same person goes on where the session ended; what could not be read meanwhile is read now. */
export async function logInAgain(client: QueryClient, login: string, password: string): Promise<void> {
  await api.post('/session', { login, password }, { anonymous: true });
  await client.invalidateQueries();
}

export async function logOut(client: QueryClient): Promise<void> {
  await api.delete('/session');
  forgetSession(client);
}

const keepMilliseconds = 10 * 60_000;

/** Tells the server now and then that somebody is still at work, so that the session does not end under them. */
export function useKeepSession(): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void api.post('/session/keep').catch(() => undefined);
    }, keepMilliseconds);
    return () => clearInterval(timer);
  }, []);
}
