import { useEffect, useState } from 'react';

/** What the focus belongs to; in a menu, the button that opened it. */
function opener(active: Element | null): Element | null {
  return (active?.closest('.ant-dropdown') && document.querySelector('.ant-dropdown-open')) || active;
}

/** Where the focus was last: a part that had to be loaded first is drawn when the menu that asked for it has gone. */
let last: Element | null = null;
if (typeof document !== 'undefined') {
  document.addEventListener('focusin', ({ target }) => { last = target instanceof Element ? opener(target) : last; });
}

function focused(): Element | null {
  const active = document.activeElement;
  return active && active !== document.body ? opener(active) : last;
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
