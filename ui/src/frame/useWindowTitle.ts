import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

/** The name of the window, of the tab and of the entry in the history. */
export function windowTitle(page: string | undefined, app: string): string {
  const words = page?.replace(/\s+/g, ' ').trim();
  return words ? `${words} · ${app}` : app;
}

/** Calls the window as the page calls itself in its head, so that no page has to say it twice. */
export function useWindowTitle(): void {
  const { t } = useTranslation();
  const app = t('app.name');
  useEffect(() => {
    const content = document.getElementById('content');
    if (!content) return;
    const follow = () => {
      const title = windowTitle(content.querySelector('h1')?.textContent ?? undefined, app);
      if (document.title !== title) document.title = title;
    };
    const observer = new MutationObserver(follow);
    observer.observe(content, { childList: true, subtree: true, characterData: true });
    follow();
    return () => observer.disconnect();
  }, [app]);
}
