import dayjs from 'dayjs';
import { expect, it } from 'vitest';
import { changeLanguage, startTexts } from './i18n';

/** The components name months and days by these two. */
const words = (locale: string) => dayjs('2026-11-27').locale(locale).format('MMM dd');
const firstDay = (locale: string) => dayjs.Ls[locale]?.weekStart;

it('the calendars of the components speak the language of the page and begin on Monday', async () => {
  await startTexts('zh');
  expect(words('zh-cn')).toBe('11月 五');
  expect(firstDay('zh-cn')).toBe(1);
  await changeLanguage('en');
  expect(words('en-gb')).toBe('Nov Fr');
  expect(firstDay('en-gb')).toBe(1);
});
