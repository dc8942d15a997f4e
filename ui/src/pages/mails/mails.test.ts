import { expect, it } from 'vitest';
import { filled, moved, type Block } from './mails';

const blocks: Block[] = [{ type: 'heading', text: 'a' }, { type: 'divider' }, { type: 'button', text: 'go', url: 'https://' }];

it('a block moves a place, and not beyond the ends', () => {
  expect(moved(blocks, 0, 1).map(({ type }) => type)).toEqual(['divider', 'heading', 'button']);
  expect(moved(blocks, 0, -1)).toBe(blocks);
  expect(moved(blocks, 2, 1)).toBe(blocks);
});

it('what is not filled in yet is left out of the preview', () => {
  expect(filled(blocks).map(({ type }) => type)).toEqual(['heading', 'divider']);
  expect(filled([{ type: 'image', url: 'https://www.example.cn/a.png' }, { type: 'text', text: '  ' }])).toHaveLength(1);
});
