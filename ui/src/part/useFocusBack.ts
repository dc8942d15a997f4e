import { useEffect, useState } from 'react';

/** What is taken away while it has the focus gives it back to what had it before, so that the keyboard goes on there. */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(() => () => {
    // What was there is removed only now; whoever took the focus meanwhile keeps it.
    requestAnimationFrame(() => {
      if (document.activeElement === document.body && before instanceof HTMLElement && before.isConnected) before.focus();
    });
  }, [before]);
}
