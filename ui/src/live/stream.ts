import type { ChangeEvent, NotificationItem, PresenceEvent } from '@/api/types';

/**
 * The live feed, one connection for all tabs of a browser: a tab that gets the lock opens the stream and
 * passes every event on over a BroadcastChannel; when it closes, the next tab gets the lock. Where the
 * browser has no locks (plain http on another host) each tab opens its own.
 */

export type LiveMessage =
  | { type: 'change'; data: ChangeEvent }
  | { type: 'notification'; data: NotificationItem }
  | { type: 'presence'; data: PresenceEvent }
  | { type: 'state'; data: { connected: boolean } };

type Listener = (message: LiveMessage) => void;

const name = 'guantong-live';
const streamUrl = '/api/v1/stream';

const shortestPause = 2_000;
const longestPause = 60_000;

/** Keeps a stream open: what the browser gives up (a refusal, a restart) is tried again after a growing pause. */
function openStream(tell: Listener, signal: AbortSignal): void {
  let pause = shortestPause;
  const connect = () => {
    if (signal.aborted) return;
    const source = new EventSource(streamUrl);
    const forward = (type: 'change' | 'notification' | 'presence') => (event: MessageEvent<string>) =>
      tell({ type, data: JSON.parse(event.data) } as LiveMessage);
    source.addEventListener('change', forward('change'));
    source.addEventListener('notification', forward('notification'));
    source.addEventListener('presence', forward('presence'));
    source.onopen = () => {
      pause = shortestPause;
      tell({ type: 'state', data: { connected: true } });
    };
    source.onerror = () => {
      tell({ type: 'state', data: { connected: false } });
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(connect, pause);
      pause = Math.min(pause * 2, longestPause);
    };
    signal.addEventListener('abort', () => source.close());
  };
  connect();
}

/** Starts listening; returns what stops it. */
export function startLive(listener: Listener): () => void {
  const stopped = new AbortController();
  if (!navigator.locks) {
    openStream(listener, stopped.signal);
    return () => stopped.abort();
  }
  const channel = new BroadcastChannel(name);
  channel.onmessage = (event: MessageEvent<LiveMessage>) => listener(event.data);
  const tellAll: Listener = (message) => {
    listener(message);
    channel.postMessage(message);
  };
  const lead = () =>
    new Promise<void>((resolve) => {
      openStream(tellAll, stopped.signal);
      stopped.signal.addEventListener('abort', () => resolve());
    });
  navigator.locks.request(name, { signal: stopped.signal }, lead).catch(() => undefined);
  return () => {
    stopped.abort();
    channel.close();
  };
}
