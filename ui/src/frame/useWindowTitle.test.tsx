import { render, screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { startTexts } from '@/text/i18n';
import { useWindowTitle } from './useWindowTitle';

beforeAll(() => startTexts('zh'));

function Frame({ head }: { head: string | null }) {
  useWindowTitle();
  return <main id="content">{head !== null && <h1>{head} <span>改</span></h1>}</main>;
}

it('the window is called as the page in it', async () => {
  const { rerender } = render(<Frame head="线索" />);
  expect(screen.getByRole('heading')).toBeTruthy();
  expect(document.title).toBe('线索 改 · 贯通');
  rerender(<Frame head="商机" />);
  await waitFor(() => expect(document.title).toBe('商机 改 · 贯通'));
  rerender(<Frame head={null} />);
  await waitFor(() => expect(document.title).toBe('贯通'));
});
