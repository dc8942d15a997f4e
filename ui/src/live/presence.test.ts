import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { renderHook, waitFor } from '@testing-library/react';
import { heardPresence, usePresence, useTellEditing } from './presence';

const posts: Record<string, unknown>[] = [];
vi.mock('@/api/session', () => ({ useSession: () => ({ user: { id: '1' } }) }));
vi.mock('@/api/client', () => ({
  api: {
    post: (_: string, body: Record<string, unknown>) => {
      posts.push(body);
      return Promise.resolve({ entity: body.entity, id: body.id, people: [{ id: '1', name: '陈思远', editing: false }, { id: '2', name: '周敏', editing: false }] });
    },
  },
}));

describe('presence', () => {
  beforeEach(() => { posts.length = 0; });
  afterEach(() => vi.useRealTimers());

  it('beats while the record is open, says when it closes, and leaves oneself out', async () => {
    const { result, unmount } = renderHook(() => usePresence('lead', '7'));
    expect(posts[0]).toMatchObject({ entity: 'lead', id: '7', gone: false, editing: false });
    await waitFor(() => expect(result.current.map(({ name }) => name)).toEqual(['周敏']));
    unmount();
    expect(posts.at(-1)).toMatchObject({ gone: true });
  });

  it('beats again and again, and at once when editing begins or ends', () => {
    vi.useFakeTimers();
    const { rerender, unmount } = renderHook(({ editing }) => {
      usePresence('lead', '8');
      useTellEditing('lead', '8', editing);
    }, { initialProps: { editing: false } });
    vi.advanceTimersByTime(45_000);
    expect(posts).toHaveLength(3);
    rerender({ editing: true });
    expect(posts.at(-1)).toMatchObject({ editing: true });
    rerender({ editing: false });
    expect(posts.at(-1)).toMatchObject({ editing: false });
    unmount();
  });

  it('takes what the feed says of the open record and nothing of others', async () => {
    const { result, unmount } = renderHook(() => usePresence('lead', '9'));
    await waitFor(() => expect(result.current).toHaveLength(1));
    heardPresence({ entity: 'lead', id: '10', people: [] });
    heardPresence({ entity: 'lead', id: '9', people: [{ id: '3', name: '王强', editing: true }] });
    await waitFor(() => expect(result.current).toEqual([{ id: '3', name: '王强', editing: true }]));
    unmount();
  });
});
