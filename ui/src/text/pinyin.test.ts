import { describe, expect, it } from 'vitest';
import { spells } from './pinyin';

describe('words found by their pinyin', () => {
  it.each([
    ['xiansuo', '线索'], ['xs', '新建线索'], ['xjxs', '新建线索'], ['xinjxiansuo', '新建线索'], ['loudou', '漏斗'],
    ['shezhi', '设置'], ['tuichu', '退出登录'], ['kehu', '客户'], ['daochucsv', '导出 CSV'], ['a', '阿'], ['zuo', '坐'],
  ])('%s is %s', (typed, words) => expect(spells(typed, words)).toBe(true));

  it.each([['xs', '客户'], ['uo', '线索'], ['', '线索'], ['线', '线索'], ['xiansuoo', '线索'], ['sx', '线索']])(
    '%s is not %s', (typed, words) => expect(spells(typed, words)).toBe(false),
  );
});
