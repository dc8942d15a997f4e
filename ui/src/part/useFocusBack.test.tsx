import { lazy, Suspense, useState } from 'react';
import { Dropdown } from 'antd';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it, vi } from 'vitest';
import { useFocusBack } from './useFocusBack';

beforeAll(() => {
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
});

function Question({ onClose }: { onClose: () => void }) {
  useFocusBack();
  return <button type="button" autoFocus onClick={onClose}>关闭</button>;
}

/** The same, loaded when it is asked for: by then the menu has gone. */
const LateQuestion = lazy(() => new Promise<{ default: typeof Question }>((resolve) => { setTimeout(() => resolve({ default: Question }), 600); }));

function Page({ late }: { late?: boolean }) {
  const Asked = late ? LateQuestion : Question;
  const [open, setOpen] = useState(false);
  return (
    <>
      <Dropdown trigger={['click']} menu={{ items: [{ key: 'rename', label: '改名' }], onClick: () => setOpen(true) }}>
        <button type="button">更多</button>
      </Dropdown>
      <Suspense>{open && <Asked onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}

it.each([[false], [true]])('what was opened from a menu gives the focus back to the button of the menu (loaded late: %s)', async (late) => {
  render(<Page late={late} />);
  const more = screen.getByText('更多');
  more.focus();
  fireEvent.click(more);
  const item = (await screen.findByText('改名')).closest<HTMLElement>('[role=menuitem]')!;
  item.focus();
  fireEvent.click(item);
  // The menu that closes lets go of the focus.
  if (late) item.blur();
  fireEvent.click(await screen.findByText('关闭', undefined, { timeout: 3000 }));
  await waitFor(() => expect(document.activeElement).toBe(more));
});
