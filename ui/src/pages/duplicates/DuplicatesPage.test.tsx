import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { useSaid } from '@/app/say';
import { takeUndo } from '@/app/undo';
import { laterTexts, startTexts } from '@/text/i18n';
import { pairOf, person } from '../../../dev/mock/pair';
import DuplicatesPage from './DuplicatesPage';
import type { KindSummary, Pair } from './pairs';

const session = {
  user: { id: '1', login: 'a', name: 'A', language: 'zh', department_id: null, department: null, roles: [], time_zone: 'Asia/Shanghai' },
  modules: ['data'], permissions: ['duplicates:review'], company: { name: '', currency: 'CNY', time_zone: 'Asia/Shanghai' },
};
const looked = { at: '2026-11-25T02:00:00Z', records: 12_345, compared: 400, found: 2, complete: true };
const summary: KindSummary = { entity: 'person', searched: true, open: 2, merged: 0, distinct: 0, sure: 0, search: looked };
const second = pairOf([{ id: '21', name: '陈思源' }, { id: '22', name: '陈思远' }], { id: '8', winner_id: '21', probability: 0.7 });

/** A server that answers what is given for "METHOD path", and remembers what was asked. */
function serve(answers: Record<string, unknown>, refusals: Record<string, number> = {}) {
  const calls: { what: string; body: unknown }[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const { pathname, searchParams } = new URL(url, 'http://x');
    const what = `${init.method} ${pathname.replace('/api/v1', '')}`;
    const state = searchParams.get('state');
    calls.push({ what, body: init.body ? JSON.parse(String(init.body)) : undefined });
    const status = refusals[what];
    if (status) return new Response(JSON.stringify({ title: '这一对已由他人处理' }), { status });
    return new Response(JSON.stringify(answers[state ? `${what} ${state}` : what] ?? {}), { status: 200 });
  });
  return { calls, decided: () => calls.filter(({ what }) => what.startsWith('POST')) };
}

const pages = (data: Pair[], next: string | null = null) => ({ data, next });
const both = { 'GET /duplicates/summary': { data: [summary] }, 'GET /duplicates open': pages([pairOf(), second]) };

function Said() {
  return <>{useSaid().map(({ key, text }) => <p key={key}>{text}</p>)}</>;
}

function open(path = '/duplicates') {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  client.setQueryData(['session'], session);
  client.setQueryData(['meta', 'zh'], { entities: [person], labels: {} });
  const router = createMemoryRouter([{ path: '/duplicates', element: <><DuplicatesPage /><Said /></> }], { initialEntries: [path] });
  render(<QueryClientProvider client={client}><RouterProvider router={router} /></QueryClientProvider>);
}

const cards = () => [...document.querySelectorAll<HTMLElement>('.pair')];
const press = (key: string) => act(async () => { fireEvent.keyDown(document.activeElement ?? document.body, { key }); });

beforeAll(async () => {
  await startTexts('zh');
  await laterTexts();
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  Element.prototype.scrollIntoView = () => undefined;
});
afterEach(() => takeUndo());

describe('the page of possible duplicates', () => {
  it('explains itself and offers the search where nobody has looked yet', async () => {
    const found = { records: 268, compared: 40, found: 2, kept: 2, skipped: 3, new: 1, complete: true };
    const { decided } = serve({ 'GET /duplicates/summary': { data: [{ ...summary, open: 0, merged: 0, distinct: 0, search: null }] }, 'POST /duplicates/search': found });
    open();
    expect(await screen.findByText('还没有发现重复')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: '查找重复' }));
    expect(await screen.findByText(/看了 268 条记录，比较了 40 对：找到 2 对疑似重复，其中 1 对是新的/)).toBeTruthy();
    expect(screen.getByText(/有 3 个值（如同一个总机号）有 60 条以上的记录都用/)).toBeTruthy();
    expect(decided()).toEqual([{ what: 'POST /duplicates/search', body: { entity: 'person' } }]);
  });

  it('shows the pairs with how sure it is and why, and says when records were left out', async () => {
    serve({ ...both, 'GET /duplicates/summary': { data: [{ ...summary, search: { ...looked, complete: false } }] } });
    open();
    expect(await screen.findByText('98%')).toBeTruthy();
    expect(screen.getByText('记录太多，只看了最新的 12,345 条。')).toBeTruthy();
    const table = within(screen.getByRole('table', { name: '孙立民 与 孙立民' }));
    const phone = table.getByRole('row', { name: /手机/ });
    expect(phone.textContent).toContain('相近 对判断的作用：−1.2 比特');
    expect([...phone.querySelectorAll('mark')].map(({ textContent }) => textContent)).toEqual(['47', '74']);
    expect(table.getByRole('row', { name: /公司/ }).textContent).toContain('视为相同');
    expect(table.queryByText('微信')).toBe(null);
  });

  it('merges by M with who stays and whose values, and is undone', async () => {
    const { decided } = serve(both);
    open();
    await screen.findByText('98%');
    const [first] = cards();
    fireEvent.click(within(first!).getAllByRole('radio', { name: '留下' })[0]!);
    fireEvent.click(within(first!).getByRole('radio', { name: '13812342674' }));
    await press('m');
    await waitFor(() => expect(cards()).toHaveLength(1));
    expect(decided()).toEqual([{ what: 'POST /duplicates/7/merge', body: { winner_id: '11', take: ['phone'] } }]);
    expect(cards()[0]!.getAttribute('aria-current')).toBe('true');
    let offer = takeUndo();
    await waitFor(() => expect(offer ??= takeUndo()).toBeTruthy());
    expect(offer!.text).toBe('已合并为「孙立民」');
    await act(() => offer!.undo());
    expect(decided().at(-1)?.what).toBe('POST /duplicates/7/reopen');
    await waitFor(() => expect(cards()).toHaveLength(2));
  });

  it('merges the next to certain ones together, piece by piece, and takes all of them back', async () => {
    const pieces = [{ merged: ['7', '8'], next: '8' }, { merged: ['9'], next: null }];
    const { decided } = serve({
      ...both, 'GET /duplicates/summary': { data: [{ ...summary, sure: 3 }] }, get 'POST /duplicates/merge_sure'() { return pieces.shift(); },
    });
    open();
    fireEvent.click(await screen.findByRole('button', { name: '合并这 3 对' }));
    const ask = await screen.findByText('合并这 3 对？');
    fireEvent.click(within(ask.closest<HTMLElement>('.ant-popover')!).getByRole('button', { name: /^合\s?并$/ }));
    let offer = takeUndo();
    await waitFor(() => expect(offer ??= takeUndo()).toBeTruthy());
    expect(offer!.text).toBe('已合并 3 对');
    expect(decided().map(({ body }) => body)).toEqual([{ entity: 'person' }, { entity: 'person', after: '8' }]);
    await act(() => offer!.undo());
    expect(decided().slice(2).map(({ what }) => what)).toEqual(['9', '8', '7'].map((id) => `POST /duplicates/${id}/reopen`));
  });

  it('walks with J and K, also from a radio, and tells apart the one it stands on', async () => {
    const { decided } = serve(both);
    open();
    await screen.findByText('98%');
    await press('j');
    await waitFor(() => expect(document.activeElement).toBe(cards()[1]));
    await press('k');
    await waitFor(() => expect(document.activeElement).toBe(cards()[0]));
    within(cards()[0]!).getAllByRole('radio')[0]!.focus();
    await press('j');
    expect(cards()[1]!.getAttribute('aria-current')).toBe('true');
    await press('d');
    await waitFor(() => expect(decided()).toEqual([{ what: 'POST /duplicates/8/distinct', body: undefined }]));
  });

  it('says that somebody has decided already and shows what is left', async () => {
    const { calls } = serve(both, { 'POST /duplicates/7/merge': 409 });
    open();
    await screen.findByText('98%');
    const before = calls.filter(({ what }) => what === 'GET /duplicates').length;
    await press('m');
    expect(await screen.findByText('这一对已由他人处理')).toBeTruthy();
    await waitFor(() => expect(calls.filter(({ what }) => what === 'GET /duplicates').length).toBeGreaterThan(before));
    expect(takeUndo()).toBe(null);
  });

  it('reads on when the end is near', async () => {
    const { calls } = serve({ ...both, 'GET /duplicates open': pages([pairOf(), second], '700000.8') });
    open();
    await screen.findByText('98%');
    await waitFor(() => expect(calls.filter(({ what }) => what === 'GET /duplicates').length).toBeGreaterThan(1));
  });

  it('takes a merge back from the list of merged ones, where the one that went is no link', async () => {
    const merged = pairOf(undefined, { state: 'merged', decided_at: '2026-11-24T02:00:00Z' });
    const { decided } = serve({ ...both, 'GET /duplicates/summary': { data: [{ ...summary, merged: 1 }] }, 'GET /duplicates merged': pages([merged]) });
    open('/duplicates?entity=person&state=merged');
    const card = within((await screen.findByText('已并入另一条')).closest('li')!);
    expect(card.queryAllByRole('radio')).toEqual([]);
    expect(card.getAllByRole('link', { name: '孙立民' }).map((link) => link.getAttribute('href'))).toEqual(['/people/12']);
    fireEvent.click(card.getByRole('button', { name: /^撤 ?销$/ }));
    await waitFor(() => expect(decided()).toEqual([{ what: 'POST /duplicates/7/reopen', body: undefined }]));
  });

  it('is quiet when all is decided', async () => {
    serve({ ...both, 'GET /duplicates open': pages([]) });
    open();
    expect(await screen.findByText('都处理完了')).toBeTruthy();
  });
});
