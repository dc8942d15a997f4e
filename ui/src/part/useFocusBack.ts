import { useEffect, useState } from 'react';

/** What has the focus; of a menu that closes now, the button that opened it. */
function focused(): Element | null {
  const active = document.activeElement;
  return (active?.closest('.ant-dropdown') && document.querySelector('.ant-dropdown-open')) || active;
}

/** What is taken away while it has the focus gives it back to what had it before, so that the keyboard goes on there. */
export function useFocusBack(): void {
  const [before] = useState(focused);
  useEffect(() => () => {
    // What was there is removed only now; whoever took the focus meanwhile keeps it.
    requestAnimationFrame(() => {
      if (document.activeElement === document.body && before instanceof HTMLElement && before.isConnected) before.focus();
    });
  }, [before]);
}
