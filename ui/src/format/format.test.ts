import { describe, expect, it } from 'vitest';
import { Formatter, roundDecimal, shiftLeft, shiftRight } from './format';
import { instantOfWall, wallOfInstant } from './zone';

const zh = new Formatter({ language: 'zh', timeZone: 'Asia/Shanghai' });
const en = new Formatter({ language: 'en', timeZone: 'Asia/Shanghai' });
const now = new Date('2026-11-23T07:10:00Z');
const cny = (amount: string) => ({ amount, currency: 'CNY' });

describe('money', () => {
  it.each([
    ['480000.00', '¥480,000.00', '¥480,000.00'],
    ['-30336', '−¥30,336.00', '−¥30,336.00'],
    ['0.005', '¥0.01', '¥0.01'],
    ['90071992547409931.27', '¥90,071,992,547,409,931.27', '¥90,071,992,547,409,931.27'],
  ])('%s in full', (amount, chinese, english) => {
    expect(zh.money(cny(amount))).toBe(chinese);
    expect(en.money(cny(amount))).toBe(english);
  });

  it.each([
    ['9999', '9,999', '¥10.0K'],
    ['480000', '48.0 万', '¥480.0K'],
    ['9999400', '999.9 万', '¥10.00M'],
    ['9999500', '1,000 万', '¥10.00M'],
    ['11860000', '1,186 万', '¥11.86M'],
    ['99994999', '9,999 万', '¥99.99M'],
    ['99995000', '1.0 亿', '¥100.00M'],
    ['320000000', '3.2 亿', '¥320.00M'],
    ['-54000', '−5.4 万', '−¥54.0K'],
  ])('%s in short', (amount, chinese, english) => {
    expect(zh.shortMoney(cny(amount))).toBe(chinese);
    expect(en.shortMoney(cny(amount))).toBe(english);
  });

  it('says the currency of another country, in short too', () => {
    expect(zh.shortMoney({ amount: '480000', currency: 'USD' })).toBe('$48.0 万');
    expect(zh.shortMoney({ amount: '-500', currency: 'USD' })).toBe('−$500');
    expect(en.shortMoney({ amount: '480000', currency: 'USD' })).toBe('$480.0K');
  });

  it('never shows a negative zero', () => {
    expect(roundDecimal('-0.001', 2)).toBe('0.00');
  });
});

describe('figures', () => {
  it('counts, totals, decimals, shares', () => {
    expect(zh.count(1284)).toBe('1,284');
    expect(zh.total({ value: 10000, exact: false })).toBe('10,000+');
    expect(zh.decimal('12.500000')).toBe('12.5');
    expect(zh.decimal('1000')).toBe('1,000');
    expect(zh.percent('0.38', 1)).toBe('38.0%');
    expect(zh.percent('0.6315', 2)).toBe('63.15%');
    expect(zh.percent(1)).toBe('100%');
  });

  it('durations and clocks', () => {
    expect(zh.duration(728)).toBe('12 分 08 秒');
    expect(zh.duration(11520)).toBe('3 小时 12 分');
    expect(zh.duration(9 * 86400)).toBe('9 天');
    expect(en.duration(86400)).toBe('1 day');
    expect(zh.clock(402_000)).toBe('06:42');
    expect(zh.clock(-5)).toBe('00:00');
  });
});

describe('dates', () => {
  it('shortens a date of this year', () => {
    expect(zh.date('2026-11-20', now)).toBe('11-20');
    expect(en.date('2026-11-20', now)).toBe('20 Nov');
    expect(zh.date('2024-03-18', now)).toBe('2024-03-18');
    expect(en.date('2024-03-18', now)).toBe('18 Mar 2024');
  });

  it('names days in the company zone, not in UTC', () => {
    expect(zh.day('2026-11-23T16:30:00Z', now)).toBe('明天 00:30');
    expect(zh.day('2026-11-22T15:59:00Z', now)).toBe('昨天');
    expect(en.day('2026-11-23T07:00:00Z', now)).toBe('Today 15:00');
  });

  it('tells how long ago within a day', () => {
    expect(zh.near('2026-11-23T05:10:00Z', now)).toBe('2 小时前');
    expect(zh.near('2026-11-23T07:09:40Z', now)).toBe('刚刚');
    expect(zh.near('2026-11-20T07:09:40Z', now)).toBe('11-20');
  });

  it.each([['0.1', '10'], ['0.105', '10.5'], ['1', '100'], ['0', '0'], ['0.0005', '0.05']])('%s is %s percent, there and back', (share, percent) => {
    expect(shiftRight(share)).toBe(percent);
    expect(shiftLeft(percent)).toBe(share);
    expect(shiftLeft(`${percent}.`.replace(/(\..*)\.$/, '$1'))).toBe(share);
  });

  it('speaks days', () => {
    expect(zh.spokenDay('2026-11-20', now)).toBe('11 月 20 日 周五');
    expect(en.spokenDay('2026-11-20', now)).toBe('Fri 20 Nov');
    expect(zh.spokenDay('2024-03-18', now)).toBe('2024 年 3 月 18 日 周一');
    expect(zh.dayHead('2026-11-22', now)).toBe('昨天');
  });

  it('reads wall clocks across a change of the clock', () => {
    expect(instantOfWall('2026-11-23T15:00', 'Asia/Shanghai')).toBe('2026-11-23T07:00:00.000Z');
    expect(instantOfWall('2026-03-29T03:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
    expect(wallOfInstant('2026-03-29T00:30:00.000Z', 'Europe/Berlin')).toBe('2026-03-29T01:30:00');
  });
});
