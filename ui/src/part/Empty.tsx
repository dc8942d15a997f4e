import type { ReactNode } from 'react';

interface Props {
  title: string;
  hint?: ReactNode;
  /** It stands for the whole page, and its title is the page's. */
  page?: boolean;
  /** The one button that starts it, and at most one link. */
  children?: ReactNode;
}

/** Says what a place is for while nothing is there, at the left where the content will be. */
export function Empty({ title, hint, page, children }: Props) {
  const Head = page ? 'h1' : 'h2';
  return (
    <div className="empty">
      <Head>{title}</Head>
      {hint && <p className="t2">{hint}</p>}
      {children && <div className="row">{children}</div>}
    </div>
  );
}
