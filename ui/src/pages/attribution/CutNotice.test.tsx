import { render, screen } from '@testing-library/react';
import { beforeAll, expect, it, vi } from 'vitest';
import { changeLanguage, laterTexts, startTexts } from '@/text/i18n';
import { CutNotice } from './CutNotice';

vi.mock('@/format/useFormat', () => ({ useFormat: () => ({ count: (value: number) => value.toLocaleString('en') }) }));

beforeAll(async () => { await startTexts('zh'); await laterTexts(); });

it('says what was left out, in both languages, and nothing where all was counted', async () => {
  const { container, rerender } = render(<CutNotice cut={null} />);
  expect(container.textContent).toBe('');
  rerender(<CutNotice cut={{ deals: 50_000, touches: 1_000_000 }} />);
  expect(screen.getByRole('status').textContent).toBe('成交太多，只算了其中 50,000 笔。触点太多，只用了其中 1,000,000 个。请缩短时间或回看再看。');
  await changeLanguage('en');
  rerender(<CutNotice cut={{ touches: 1_000_000 }} />);
  expect(screen.getByRole('status').textContent?.trim()).toBe('Too many touches: only 1,000,000 of them were used. Choose a shorter period or look back less far.');
});

it('says that no return is worked out of a part', async () => {
  await changeLanguage('zh');
  render(<CutNotice cut={null} partial={['leads', 'deals']} />);
  expect(screen.getByRole('status').textContent).toBe('您只能看到部分线索、商机，所以不算回报率。');
});
