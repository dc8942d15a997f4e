import { describe, expect, it } from 'vitest';
import { dailySizes, lastDays } from './segments';

describe('size over time', () => {
  it('stands still between the days that are told', () => {
    const days = lastDays('2026-03-03', 5);
    expect(days).toEqual(['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02', '2026-03-03']);
    const told = [{ day: '2026-02-28', members: 7, entered: 3, left: 1 }, { day: '2026-03-02', members: 2, entered: 0, left: 5 }];
    expect(dailySizes(5, told, days)).toEqual([5, 7, 7, 2, 2]);
  });
});
