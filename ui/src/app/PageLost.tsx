import { useEffect } from 'react';
import { ApiError } from '@/api/client';
import { useConnected } from '@/live/connected';
import { ErrorNotice } from '@/part/ErrorNotice';

const triedAt = 'guantong.reloaded';
/** A page that is not there after that is not fetched a third time by itself. */
const pauseMilliseconds = 10_000;

async function reloadWhereThere(): Promise<void> {
  if (Date.now() - Number(sessionStorage.getItem(triedAt)) < pauseMilliseconds) return;
  const { ok } = await fetch('/healthz');
  if (!ok) return;
  sessionStorage.setItem(triedAt, String(Date.now()));
  window.location.reload();
}

/** A page that could not be fetched: the server is away, or has become a newer one, with pages of other names. It is fetched once the server is there. */
export function PageLost() {
  const connected = useConnected();
  useEffect(() => { reloadWhereThere().catch(() => undefined); }, [connected]);
  return (
    <div className="pad-page">
      <ErrorNotice error={new ApiError({ type: 'network', title: 'network', status: 0 })} onRetry={() => window.location.reload()} />
    </div>
  );
}
