/**
 * What somebody began to write and has not sent: it waits in the tab, over other pages and a reload, until it is
 * sent, emptied, or nobody is logged in any more.
 */
const prefix = 'guantong.draft.';

export function keptDraft<T extends object>(key: string, start: T): T {
  try {
    return { ...start, ...(JSON.parse(sessionStorage.getItem(prefix + key) ?? '{}') as Partial<T>) };
  } catch {
    return start;
  }
}

/** Without a draft, what was kept is dropped. A tab that has no room for it goes on without. */
export function keepDraft(key: string, draft: object | null): void {
  try {
    if (draft) sessionStorage.setItem(prefix + key, JSON.stringify(draft));
    else sessionStorage.removeItem(prefix + key);
  } catch {
    sessionStorage.removeItem(prefix + key);
  }
}

export function forgetDrafts(): void {
  Object.keys(sessionStorage).filter((key) => key.startsWith(prefix)).forEach((key) => sessionStorage.removeItem(key));
}
