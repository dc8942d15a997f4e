import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startLive, type LiveMessage } from './stream';

/** An event source driven by the test. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeSource[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor() {
    super();
    FakeSource.opened.push(this);
  }
  close() {
    this.readyState = FakeSource.CLOSED;
  }
  refuse() {
    this.readyState = FakeSource.CLOSED;
    this.onerror?.();
  }
}

describe('the live feed', () => {
  let heard: LiveMessage[];
  beforeEach(() => {
    heard = [];
    FakeSource.opened = [];
    vi.useFakeTimers();
    vi.stubGlobal('EventSource', FakeSource);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('passes on changes', () => {
    const stop = startLive((message) => heard.push(message));
    FakeSource.opened[0]!.dispatchEvent(new MessageEvent('change', { data: '{"entity":"lead","id":"1","action":"updated"}' }));
    expect(heard).toEqual([{ type: 'change', data: { entity: 'lead', id: '1', action: 'updated' } }]);
    stop();
  });

  it('comes back after a refusal, with growing pauses, and not after it was stopped', () => {
    const stop = startLive((message) => heard.push(message));
    FakeSource.opened[0]!.refuse();
    expect(FakeSource.opened).toHaveLength(1);
    vi.advanceTimersByTime(2_000);
    expect(FakeSource.opened).toHaveLength(2);
    FakeSource.opened[1]!.refuse();
    vi.advanceTimersByTime(2_000);
    expect(FakeSource.opened).toHaveLength(2);
    vi.advanceTimersByTime(2_000);
    expect(FakeSource.opened).toHaveLength(3);
    FakeSource.opened[2]!.refuse();
    stop();
    vi.advanceTimersByTime(120_000);
    expect(FakeSource.opened).toHaveLength(3);
  });
});
