import { useLayoutEffect, useMemo } from 'react';
import { ConfigProvider } from 'antd';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { flushSync } from 'react-dom';
import { RouterProvider } from 'react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { antdLocale } from '@/text/i18n';
import { antdTheme, applyTheme } from '@/theme';
import { useDark, usePreferences, useReducedMotion } from './preferences';
import { createRouter } from './router';

/** Navigation that must not wait for a transition, as that by keys. */
const flushNow = (draw: () => unknown): undefined => void flushSync(draw);

/** A refusal is an answer; only what may pass by itself is tried again. */
function mayRetry(failures: number, error: unknown): boolean {
  return failures < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503);
}

const client = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 15_000, retry: mayRetry, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});
const router = createRouter();

export function Application() {
  const { i18n } = useTranslation();
  const dark = useDark();
  const reducedMotion = useReducedMotion();
  const { density } = usePreferences();
  useLayoutEffect(() => applyTheme(dark, density), [dark, density]);
  const theme = useMemo(() => antdTheme(dark, reducedMotion), [dark, reducedMotion]);
  return (
    <ConfigProvider
      locale={antdLocale(i18n.language)}
      componentSize="middle"
      wave={{ disabled: true }}
      button={{ autoInsertSpace: false }}
      theme={theme}
    >
      <QueryClientProvider client={client}>
        <RouterProvider router={router} flushSync={flushNow} />
      </QueryClientProvider>
    </ConfigProvider>
  );
}
