import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it, vi } from 'vitest';
import { Dialog } from './Dialog';

beforeAll(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
});

it('begins in its first field, and Ctrl and Enter presses its button while it may be pressed', async () => {
  const done = vi.fn();
  const draw = (ready: boolean) => <Dialog title="移动" okText="移动" onOk={done} okButtonProps={{ disabled: !ready }}><input aria-label="原因" /></Dialog>;
  const { rerender } = render(draw(false));
  const field = screen.getByLabelText('原因');
  await waitFor(() => expect(document.activeElement).toBe(field));
  fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
  expect(done).not.toHaveBeenCalled();
  rerender(draw(true));
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(done).not.toHaveBeenCalled();
  fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
  expect(done).toHaveBeenCalledTimes(1);
});
