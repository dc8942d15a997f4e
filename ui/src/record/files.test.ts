import { describe, expect, it } from 'vitest';
import { scaled, sizeText } from './files';
import { namedIn, wordsWith } from './mentions';

describe('files', () => {
  it('pictures shrink to a side and never grow', () => {
    expect(scaled(5120, 2560)).toEqual({ width: 2560, height: 1280 });
    expect(scaled(1000, 4000)).toEqual({ width: 640, height: 2560 });
    expect(scaled(800, 600)).toEqual({ width: 800, height: 600 });
  });
  it('sizes in words', () => {
    expect(sizeText(12)).toBe('12 B');
    expect(sizeText(2048)).toBe('2 KB');
    expect(sizeText(3_000_008)).toBe('2.9 MB');
  });
});

describe('mentions', () => {
  const people = [{ id: '1', title: '周敏' }, { id: '2', title: '周敏之' }];
  it('counts who still stands in the text', () => {
    expect(namedIn('请 @周敏之 看', people)).toEqual(['2']);
    expect(namedIn('@周敏 和 @周敏之', people)).toEqual(['1', '2']);
    expect(namedIn('周敏', people)).toEqual([]);
  });
  it('cuts the text at the names', () => {
    expect(wordsWith('请 @周敏之 看 @周敏', people)).toEqual([
      { text: '请 ' }, { text: '@周敏之', named: true }, { text: ' 看 ' }, { text: '@周敏', named: true },
    ]);
    expect(wordsWith('没有人', [])).toEqual([{ text: '没有人' }]);
  });
});
