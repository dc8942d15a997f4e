import { useState } from 'react';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { Link, RouterProvider, createMemoryRouter } from 'react-router';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { laterTexts, startTexts } from '@/text/i18n';
import { SideSheet } from './SideSheet';

beforeAll(async () => {
  await startTexts('zh');
  await laterTexts();
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
});

function Page() {
  const [open, setOpen] = useState(true);
  return (
    <>
      <Link to="/elsewhere">走</Link>
      <button type="button" onClick={() => setOpen(true)}>打开</button>
      {open && <SideSheet title="表单" width={400} onClose={() => setOpen(false)}><input aria-label="名称" /></SideSheet>}
    </>
  );
}

function draw() {
  const router = createMemoryRouter([{ path: '/', element: <Page /> }, { path: '/elsewhere', element: <p>别处</p> }]);
  render(<RouterProvider router={router} />);
  return router;
}

const escape = () => fireEvent.keyDown(screen.getByLabelText('名称'), { key: 'Escape', keyCode: 27 });

describe('a form at the side', () => {
  it('closes at once while nothing was typed', async () => {
    draw();
    escape();
    await waitFor(() => expect(screen.queryByLabelText('名称')).toBeNull());
    expect(screen.queryByText('有没保存的内容')).toBeNull();
  });

  it('asks before what was typed is thrown away, and staying keeps it', async () => {
    draw();
    fireEvent.input(screen.getByLabelText('名称'), { target: { value: '天工' } });
    escape();
    fireEvent.click(await screen.findByText('继续填写'));
    expect(screen.getByLabelText<HTMLInputElement>('名称').value).toBe('天工');
    escape();
    fireEvent.click(screen.getByText('不保存，离开'));
    await waitFor(() => expect(screen.queryByLabelText('名称')).toBeNull());
  });

  it('asks on the way to another page, and not when the program itself goes on', async () => {
    const router = draw();
    fireEvent.input(screen.getByLabelText('名称'), { target: { value: '天工' } });
    fireEvent.click(screen.getByText('走'));
    expect(await screen.findByText('有没保存的内容')).toBeTruthy();
    expect(router.state.location.pathname).toBe('/');
    fireEvent.click(screen.getByText('继续填写'));
    await router.navigate('/elsewhere', { replace: true });
    expect(await screen.findByText('别处')).toBeTruthy();
  });

  it('gives the focus back to what opened it', async () => {
    draw();
    escape();
    await waitFor(() => expect(screen.queryByLabelText('名称')).toBeNull());
    screen.getByText('打开').focus();
    fireEvent.click(screen.getByText('打开'));
    screen.getByLabelText('名称').focus();
    escape();
    await waitFor(() => expect(document.activeElement).toBe(screen.getByText('打开')));
  });
});
