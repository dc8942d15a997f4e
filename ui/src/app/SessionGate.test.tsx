import { useState } from 'react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { RouterProvider, createMemoryRouter } from 'react-router';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { api } from '@/api/client';
import { laterTexts, startTexts } from '@/text/i18n';
import { SessionGate } from './SessionGate';

vi.mock('@/frame/Frame', () => ({
  default: function Desk() {
    const [text, setText] = useState('');
    return <textarea aria-label="备注" value={text} onChange={(event) => setText(event.target.value)} />;
  },
}));

const session = {
  user: { id: '1', login: 'chensiyuan', name: '陈思远', language: 'zh', department_id: null, department: null, roles: [], time_zone: 'Asia/Shanghai' },
  modules: [], permissions: [], company: { name: '', currency: 'CNY', time_zone: 'Asia/Shanghai' },
};

/** A server that knows one password, and whether the session still holds. */
function server() {
  const state = { holds: true, sent: [] as unknown[] };
  vi.stubGlobal('fetch', async (_: string, { method, body }: RequestInit) => {
    if (method === 'POST') {
      const { login, password } = JSON.parse(String(body)) as { login: string; password: string };
      state.sent.push(login);
      state.holds = password === 'right';
    }
    return new Response(JSON.stringify(state.holds ? session : { title: 'Log in' }), { status: state.holds ? 200 : 401 });
  });
  return state;
}

function draw() {
  const router = createMemoryRouter([{ path: '/', element: <SessionGate /> }, { path: '/login', element: <p>登录页</p> }]);
  render(<QueryClientProvider client={new QueryClient()}><RouterProvider router={router} /></QueryClientProvider>);
}

beforeAll(async () => {
  await import('./LogInAgain'); // a busy machine takes its time
  await startTexts('zh');
  await laterTexts();
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
});

describe('a session that ends under somebody at work', () => {
  it('takes nothing away: the password again, and one goes on', async () => {
    const state = server();
    draw();
    fireEvent.change(await screen.findByLabelText('备注'), { target: { value: '客户要周五的报价' } });
    state.holds = false;
    await api.get('/leads').catch(() => undefined);
    const password = await screen.findByLabelText('密码');
    expect(screen.getByLabelText<HTMLTextAreaElement>('备注').value).toBe('客户要周五的报价');
    fireEvent.change(password, { target: { value: 'wrong' } });
    fireEvent.click(screen.getByRole('button', { name: /^登 ?录$/ }));
    expect(await screen.findByText('账号或密码不对')).toBeTruthy();
    fireEvent.change(password, { target: { value: 'right' } });
    fireEvent.click(screen.getByRole('button', { name: /^登 ?录$/ }));
    await waitFor(() => expect(screen.queryByLabelText('密码')).toBeNull());
    expect(state.sent).toEqual(['chensiyuan', 'chensiyuan']);
    expect(screen.getByLabelText<HTMLTextAreaElement>('备注').value).toBe('客户要周五的报价');
  });

  it('lets somebody else log in, who sees none of it', async () => {
    const state = server();
    draw();
    await screen.findByLabelText('备注');
    state.holds = false;
    await api.get('/leads').catch(() => undefined);
    fireEvent.click(await screen.findByText('换一个账号'));
    expect(await screen.findByText('登录页')).toBeTruthy();
    expect(screen.queryByLabelText('备注')).toBeNull();
  });

  it('asks whoever was never in for the log-in page', async () => {
    server().holds = false;
    draw();
    expect(await screen.findByText('登录页')).toBeTruthy();
  });
});
