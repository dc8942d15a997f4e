import type { Language, Money } from '@/api/types';

/**
 * Numbers, money, dates and durations in the reader's form. Money is never put through a binary
 * fraction: amounts stay decimal strings, which Intl formats exactly.
 */

export const nothing = '—';

const locales: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' };
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export interface FormatSettings {
  language: Language;
  /** IANA name of the company's zone, in which all times are shown. */
  timeZone: string;
}

interface DayParts {
  year: number;
  month: number;
  day: number;
}

/** Unicode minus instead of the hyphen. */
function withMinus(text: string): string {
  return text.replace(/^-/, '−');
}

/** Rounds a decimal string to a number of places, half up, giving a string. */
export function roundDecimal(amount: string, places: number): string {
  const negative = amount.startsWith('-');
  const [whole = '0', fraction = ''] = amount.replace(/^[-+]/, '').split('.');
  const kept = BigInt(whole + fraction.padEnd(places, '0').slice(0, places));
  const up = (fraction[places] ?? '0') >= '5' ? 1n : 0n;
  const digits = (kept + up).toString().padStart(places + 1, '0');
  const text = places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
  return negative && /[1-9]/.test(text) ? `-${text}` : text;
}

function group(decimal: string): string {
  const [whole = '0', fraction] = decimal.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return withMinus(fraction === undefined ? grouped : `${grouped}.${fraction}`);
}

const symbols: Record<string, string> = { CNY: '¥', USD: '$', EUR: '€', GBP: '£', JPY: 'JP¥', HKD: 'HK$' };

const symbolOf = (currency: string): string => symbols[currency] ?? `${currency} `;

/** Moves the point of a decimal string to the left by `places` digits. */
function shiftPoint(amount: string, places: number): string {
  const negative = amount.startsWith('-');
  const [whole = '0', fraction = ''] = amount.replace(/^-/, '').split('.');
  const padded = whole.padStart(places + 1, '0');
  const shifted = `${padded.slice(0, -places)}.${padded.slice(-places)}${fraction}`;
  return negative ? `-${shifted}` : shifted;
}

/** An amount in 万 or 亿: one decimal below 1,000 万, none above; below 1 万 the plain figure. */
function inTenThousands(amount: string): { figure: string; unit: string } {
  const size = Math.abs(Number(amount));
  if (size < 10_000) return { figure: group(roundDecimal(amount, 0)), unit: '' };
  if (size < 99_995_000) {
    const places = size < 9_999_500 ? 1 : 0;
    return { figure: group(roundDecimal(shiftPoint(amount, 4), places)), unit: '万' };
  }
  const places = size < 99_999_500_000 ? 1 : 0;
  return { figure: group(roundDecimal(shiftPoint(amount, 8), places)), unit: '亿' };
}

function inThousands(amount: string): { figure: string; unit: string } {
  const size = Math.abs(Number(amount));
  if (size < 1_000) return { figure: group(roundDecimal(amount, 0)), unit: '' };
  if (size < 999_950) return { figure: group(roundDecimal(shiftPoint(amount, 3), 1)), unit: 'K' };
  if (size < 999_995_000) return { figure: group(roundDecimal(shiftPoint(amount, 6), 2)), unit: 'M' };
  return { figure: group(roundDecimal(shiftPoint(amount, 9), 2)), unit: 'B' };
}

export class Formatter {
  private readonly language: Language;
  private readonly timeZone: string;
  private readonly dayOf: Intl.DateTimeFormat;

  constructor(settings: FormatSettings) {
    this.language = settings.language;
    this.timeZone = settings.timeZone;
    this.dayOf = new Intl.DateTimeFormat('en-CA', {
      timeZone: settings.timeZone, year: 'numeric', month: '2-digit', day: '2-digit',
    });
  }

  private get chinese(): boolean {
    return this.language === 'zh';
  }

  /** 1,284 */
  count(value: number): string {
    return withMinus(new Intl.NumberFormat(locales[this.language]).format(value));
  }

  /** Decimal string with grouped thousands, as many decimals as it has. */
  decimal(value: string | number): string {
    return group(String(value).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, ''));
  }

  /** 10,000+ when the count was stopped. */
  total(total: { value: number; exact: boolean }): string {
    return this.count(total.value) + (total.exact ? '' : '+');
  }

  /** ¥480,000.00 */
  money(money: Money): string {
    const places = money.currency === 'JPY' ? 0 : 2;
    const text = group(roundDecimal(money.amount, places));
    const symbol = symbolOf(money.currency);
    return text.startsWith('−') ? `−${symbol}${text.slice(1)}` : symbol + text;
  }

  /** Figure and unit apart, for 48.0 万 on boards and key figures. */
  shortParts(amount: string): { figure: string; unit: string } {
    return this.chinese ? inTenThousands(amount) : inThousands(amount);
  }

  /** 48.0 万, $48.0 万, ¥480.0K: in Chinese the currency of the country goes without saying. */
  shortMoney(money: Money): string {
    const { figure, unit } = this.shortParts(money.amount);
    const symbol = this.chinese && money.currency === 'CNY' ? '' : symbolOf(money.currency);
    const text = this.chinese && unit ? `${figure} ${unit}` : figure + unit;
    return text.startsWith('−') ? `−${symbol}${text.slice(1)}` : symbol + text;
  }

  /** 0.38 → 38.0% with one place. */
  percent(share: string | number, places = 0): string {
    return `${group(roundDecimal(shiftRight(String(share)), places))}%`;
  }

  /** A date without zone: 11-20 this year, 2024-03-18 otherwise. */
  date(date: string, now = new Date()): string {
    const [year, month, dayOfMonth] = date.split('-');
    if (!year || !month || !dayOfMonth) return date;
    const thisYear = this.dayOf.format(now).slice(0, 4) === year;
    if (this.chinese) return thisYear ? `${month}-${dayOfMonth}` : date;
    const name = this.monthName(date);
    return thisYear ? `${Number(dayOfMonth)} ${name}` : `${Number(dayOfMonth)} ${name} ${year}`;
  }

  /** A date with its year, for fields of a record. */
  fullDate(date: string): string {
    const [year, , dayOfMonth] = date.split('-');
    return this.chinese ? date : `${Number(dayOfMonth)} ${this.monthName(date)} ${year}`;
  }

  monthName(date: string): string {
    return new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`)).slice(0, 3);
  }

  /** The day of an instant in the company's zone, YYYY-MM-DD. */
  dayKey(instant: string | Date): string {
    return this.dayOf.format(typeof instant === 'string' ? new Date(instant) : instant);
  }

  /** 15:00 */
  time(instant: string): string {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: this.timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    }).format(new Date(instant));
  }

  /** 2026-11-20 15:00 */
  instant(instant: string): string {
    return `${this.fullDate(this.dayKey(instant))} ${this.time(instant)}`;
  }

  /** For lists: 今天 15:00, 昨天, 11-20, 2024-03-18. */
  day(instant: string, now = new Date()): string {
    const distance = this.daysFrom(this.dayKey(instant), this.dayKey(now));
    if (distance === 0) return this.chinese ? `今天 ${this.time(instant)}` : `Today ${this.time(instant)}`;
    if (distance === -1) return this.chinese ? '昨天' : 'Yesterday';
    if (distance === 1) return this.chinese ? `明天 ${this.time(instant)}` : `Tomorrow ${this.time(instant)}`;
    return this.date(this.dayKey(instant), now);
  }

  /** 2 小时前 within a day, else as `day`. */
  near(instant: string, now = new Date()): string {
    const past = now.getTime() - new Date(instant).getTime();
    if (past < 0 || past >= day) return this.day(instant, now);
    if (past < minute) return this.chinese ? '刚刚' : 'just now';
    if (past < hour) return `${Math.floor(past / minute)} ${this.chinese ? '分钟前' : 'min ago'}`;
    return `${Math.floor(past / hour)} ${this.chinese ? '小时前' : 'h ago'}`;
  }

  /** 11 月 20 日 周五; 2024 年 3 月 18 日 周一 in another year; Fri 20 Nov. */
  spokenDay(dayKey: string, now = new Date()): string {
    const parts = this.parts(dayKey);
    const today = this.dayKey(now);
    const weekday = this.weekday(dayKey);
    const otherYear = !today.startsWith(`${parts.year}-`);
    if (this.chinese) return `${otherYear ? `${parts.year} 年 ` : ''}${parts.month} 月 ${parts.day} 日 ${weekday}`;
    return `${weekday} ${parts.day} ${this.monthName(dayKey)}${otherYear ? ` ${parts.year}` : ''}`;
  }

  /** 周五, Fri */
  weekday(dayKey: string): string {
    return new Intl.DateTimeFormat(locales[this.language], { weekday: 'short', timeZone: 'UTC' }).format(new Date(`${dayKey}T00:00:00Z`));
  }

  /** 2026 年 11 月, November 2026 */
  month(dayKey: string): string {
    const { year, month } = this.parts(dayKey);
    if (this.chinese) return `${year} 年 ${month} 月`;
    return new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${dayKey}T00:00:00Z`));
  }

  /** Head of a day in a timeline: 今天, 昨天, else spoken. */
  dayHead(dayKey: string, now = new Date()): string {
    const distance = this.daysFrom(dayKey, this.dayKey(now));
    if (distance === 0) return this.chinese ? '今天' : 'Today';
    if (distance === -1) return this.chinese ? '昨天' : 'Yesterday';
    return this.spokenDay(dayKey, now);
  }

  /** 12 分 08 秒, 3 小时 12 分, 9 天 */
  duration(seconds: number): string {
    const [d, h, m, s] = this.chinese ? ['天', '小时', '分', '秒'] : ['days', 'h', 'min', 's'];
    const whole = Math.floor(seconds);
    if (whole >= 86_400) return `${Math.floor(whole / 86_400)} ${!this.chinese && whole < 172_800 ? 'day' : d}`;
    if (whole >= 3_600) return `${Math.floor(whole / 3_600)} ${h} ${Math.floor((whole % 3_600) / 60)} ${m}`;
    if (whole >= 60) return `${Math.floor(whole / 60)} ${m} ${String(whole % 60).padStart(2, '0')} ${s}`;
    return `${whole} ${s}`;
  }

  /** 06:42, a clock that runs; hours go on counting. */
  clock(milliseconds: number): string {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const hours = Math.floor(seconds / 3600);
    const rest = `${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
    return hours > 0 ? `${hours}:${rest}` : rest;
  }

  /** Whole days from `to` to `dayKey`: −1 for yesterday. */
  daysFrom(dayKey: string, to: string): number {
    return Math.round((Date.parse(`${dayKey}T00:00:00Z`) - Date.parse(`${to}T00:00:00Z`)) / day);
  }

  private parts(dayKey: string): DayParts {
    const [year = 0, month = 0, dayOfMonth = 0] = dayKey.split('-').map(Number);
    return { year, month, day: dayOfMonth };
  }
}

/** Moves the point two digits to the left: 38 → 0.38. */
export function shiftLeft(percent: string): string {
  const negative = percent.startsWith('-');
  const [whole = '', fraction = ''] = percent.replace(/^-/, '').split('.');
  const padded = whole.padStart(3, '0');
  const text = `${padded.slice(0, -2)}.${padded.slice(-2)}${fraction}`.replace(/^0+(?=\d)/, '').replace(/\.?0+$/, '');
  return negative ? `-${text}` : text;
}

/** Moves the point two digits to the right: 0.38 → 38. */
export function shiftRight(share: string): string {
  const negative = share.startsWith('-');
  const [whole = '0', fraction = ''] = share.replace(/^-/, '').split('.');
  const padded = fraction.padEnd(2, '0');
  const text = `${whole}${padded.slice(0, 2)}.${padded.slice(2)}`.replace(/^0+(?=\d)/, '').replace(/\.$/, '');
  return negative ? `-${text}` : text;
}
