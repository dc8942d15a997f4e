import type { ReactNode } from 'react';

interface Props {
  title: string;
  hint?: ReactNode;
  /** The one button that starts it, and at most one link. */
  children?: ReactNode;
}

/** Says what a place is for while nothing is there, at the left where the content will be. */
export function Empty({ title, hint, children }: Props) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {hint && <p className="t2">{hint}</p>}
      {children && <div className="row">{children}</div>}
    </div>
  );
}
