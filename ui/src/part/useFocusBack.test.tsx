import { useState } from 'react';
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

function Page() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Dropdown trigger={['click']} menu={{ items: [{ key: 'rename', label: '改名' }], onClick: () => setOpen(true) }}>
        <button type="button">更多</button>
      </Dropdown>
      {open && <Question onClose={() => setOpen(false)} />}
    </>
  );
}

it('what was opened from a menu gives the focus back to the button of the menu', async () => {
  render(<Page />);
  const more = screen.getByText('更多');
  more.focus();
  fireEvent.click(more);
  const item = (await screen.findByText('改名')).closest<HTMLElement>('[role=menuitem]')!;
  item.focus();
  fireEvent.click(item);
  fireEvent.click(await screen.findByText('关闭'));
  await waitFor(() => expect(document.activeElement).toBe(more));
});
