import type { ReactNode } from 'react';

/** A table that scrolls sideways where the screen is narrow, and that the keyboard reaches to do so. */
export function TableScroll({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  return <div className={className ? `table-scroll ${className}` : 'table-scroll'} role="region" aria-label={label} tabIndex={0}>{children}</div>;
}
