import { expect, it } from 'vitest';
import { monthsOf } from './workCalendar';

it('a year is twelve months of weeks from Monday, with what is said of single days', () => {
  const months = monthsOf({ year: 2027, announced: false, working_days: 259, days: [
    { date: '2027-01-01', works: false, source: 'law', name: '' }, { date: '2027-02-20', works: true, source: 'company', name: '春节调休' },
  ] });
  expect(months).toHaveLength(12);
  expect(months[0]?.[0]).toEqual([null, null, null, null, { day: 1, works: false, source: 'law', name: '' }, { day: 2, works: false, source: 'week', name: '' }, { day: 3, works: false, source: 'week', name: '' }]);
  expect(months[1]?.flat().find((day) => day?.day === 20)).toEqual({ day: 20, works: true, source: 'company', name: '春节调休' });
  expect(months.flat(2).filter((day) => day !== null)).toHaveLength(365);
  expect(months.flat(2).filter((day) => day?.works)).toHaveLength(261);
});
