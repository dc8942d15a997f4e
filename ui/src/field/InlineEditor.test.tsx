import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RecordRow } from '@/api/types';
import { takeUndo } from '@/app/undo';
import { laterTexts, startTexts } from '@/text/i18n';
import { meta } from '../../dev/mock/model';
import { InlineEditor } from './InlineEditor';

const lead = meta.entities.find((entity) => entity.name === 'lead')!;
const company = lead.fields.find((field) => field.name === 'company_name')!;
const record: RecordRow = { id: '7', version: 3, created_at: '', updated_at: '2026-11-23T08:00:00Z', name: '孙立民', company_name: '旧公司' };
const session = {
  user: { id: '1', login: 'a', name: 'A', language: 'zh', department_id: null, department: null, roles: [], time_zone: 'Asia/Shanghai' },
  modules: [], permissions: [], company: { name: '', currency: 'CNY', time_zone: 'Asia/Shanghai' },
};

interface Answer {
  status: number;
  body: unknown;
}

/** Requests made, answered one after another. */
function serve(...answers: Answer[]) {
  const calls: { method: string; match: string | null; body: unknown }[] = [];
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    calls.push({ method: init.method ?? 'GET', match: headers.get('If-Match'), body: init.body ? JSON.parse(String(init.body)) : null });
    const answer = answers.shift() ?? { status: 500, body: {} };
    return new Response(JSON.stringify(answer.body), { status: answer.status });
  });
  return calls;
}

function edit() {
  const client = new QueryClient();
  client.setQueryData(['session'], session);
  client.setQueryData(['meta', 'zh'], meta);
  const done = vi.fn();
  const drawn = (shown: RecordRow) => (
    <QueryClientProvider client={client}>
      <InlineEditor entity={lead} field={company} record={shown} onDone={done} />
    </QueryClientProvider>
  );
  const { rerender } = render(drawn(record));
  const input = screen.getByRole('textbox');
  return { done, input, refreshed: (shown: RecordRow) => rerender(drawn(shown)) };
}

beforeAll(async () => {
  await startTexts('zh');
  await laterTexts(); // as any page but the home has them
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
});
afterEach(() => takeUndo());

describe('a field edited where it stands', () => {
  it('is saved with its version by Enter and offered for undo', async () => {
    const calls = serve({ status: 200, body: { ...record, company_name: '新公司', version: 4 } });
    const { done, input } = edit();
    fireEvent.change(input, { target: { value: '新公司' } });
    fireEvent.keyDown(input, { key: 'Enter' });
    await waitFor(() => expect(done).toHaveBeenCalledWith('stay'));
    expect(calls).toEqual([{ method: 'PATCH', match: '"3"', body: { company_name: '新公司' } }]);
    expect(takeUndo()?.text).toContain('孙立民');
  });

  it('goes to the next field by Tab, and saves nothing when nothing changed', async () => {
    const calls = serve();
    const { done, input } = edit();
    fireEvent.keyDown(input, { key: 'Tab' });
    await waitFor(() => expect(done).toHaveBeenCalledWith('next'));
    expect(calls).toEqual([]);
  });

  it('is taken back by Escape', () => {
    const calls = serve();
    const { done, input } = edit();
    fireEvent.change(input, { target: { value: 'x' } });
    fireEvent.keyDown(input, { key: 'Escape' });
    expect(done).toHaveBeenCalledWith('stay');
    expect(calls).toEqual([]);
  });

  it('shows what the server says under it and stays open', async () => {
    serve({ status: 422, body: { title: '输入有误', errors: [{ pointer: '/company_name', code: 'long', message: '太长了' }] } });
    const { done, input } = edit();
    fireEvent.change(input, { target: { value: 'y' } });
    fireEvent.keyDown(input, { key: 'Enter' });
    expect((await screen.findByRole('alert')).textContent).toBe('太长了');
    expect(done).not.toHaveBeenCalled();
  });

  it('repeats itself when another field was changed meanwhile', async () => {
    const calls = serve(
      { status: 412, body: { title: '' } },
      { status: 200, body: { ...record, version: 9 } },
      { status: 200, body: { ...record, company_name: '新公司', version: 10 } },
    );
    const { done, input } = edit();
    fireEvent.change(input, { target: { value: '新公司' } });
    fireEvent.keyDown(input, { key: 'Enter' });
    await waitFor(() => expect(done).toHaveBeenCalled());
    expect(calls.at(-1)).toEqual({ method: 'PATCH', match: '"9"', body: { company_name: '新公司' } });
  });

  it('shows both values when the same field was changed, and writes only what is chosen', async () => {
    const calls = serve(
      { status: 412, body: { title: '' } },
      { status: 200, body: { ...record, company_name: '同事的公司', version: 9 } },
    );
    const { done, input } = edit();
    fireEvent.change(input, { target: { value: '我的公司' } });
    fireEvent.keyDown(input, { key: 'Enter' });
    const conflict = await screen.findByRole('alertdialog');
    expect(conflict.textContent).toContain('我的公司');
    expect(conflict.textContent).toContain('同事的公司');
    expect(conflict.textContent).toContain('旧公司');
    fireEvent.click(screen.getAllByRole('radio')[1]!);
    fireEvent.click(screen.getByRole('button'));
    expect(done).toHaveBeenCalledWith('stay');
    expect(calls.filter((call) => call.method === 'PATCH')).toHaveLength(1);
  });

  it('takes what arrived by the live feed while editing for somebody else\'s, not for what was seen', async () => {
    const theirs = { ...record, company_name: '同事的公司', version: 4 };
    const calls = serve({ status: 412, body: { title: '' } }, { status: 200, body: theirs });
    const { input, refreshed } = edit();
    fireEvent.change(input, { target: { value: '我的公司' } });
    refreshed(theirs);
    fireEvent.keyDown(input, { key: 'Enter' });
    const conflict = await screen.findByRole('alertdialog');
    expect(calls[0]?.match).toBe('"3"');
    expect(conflict.textContent).toContain('同事的公司');
    expect(conflict.textContent).toContain('旧公司');
  });
});
