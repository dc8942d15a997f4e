/** A year as the server knows it: only the days that are not as any week says. */
export interface WorkYear {
  year: number;
  announced: boolean;
  working_days: number;
  days: { date: string; works: boolean; source: 'company' | 'notice' | 'law'; name: string }[];
}

export interface MonthDay {
  day: number;
  works: boolean;
  source: 'company' | 'notice' | 'law' | 'week';
  name: string;
}

const daysOfWeek = 7;
const two = (n: number) => String(n).padStart(2, '0');

/** Twelve months of weeks that begin on Monday; null where a week has days of another month. */
export function monthsOf({ year, days }: WorkYear): (MonthDay | null)[][][] {
  const said = new Map(days.map((day) => [day.date, day]));
  return Array.from({ length: 12 }, (_, month) => {
    const before = (new Date(Date.UTC(year, month, 1)).getUTCDay() + 6) % daysOfWeek;
    const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const cells: (MonthDay | null)[] = Array.from({ length: before }, () => null);
    for (let day = 1; day <= length; day += 1) {
      const found = said.get(`${year}-${two(month + 1)}-${two(day)}`);
      const weekend = cells.length % daysOfWeek >= 5;
      cells.push(found ? { day, works: found.works, source: found.source, name: found.name } : { day, works: !weekend, source: 'week', name: '' });
    }
    while (cells.length % daysOfWeek) cells.push(null);
    return Array.from({ length: cells.length / daysOfWeek }, (__, week) => cells.slice(week * daysOfWeek, (week + 1) * daysOfWeek));
  });
}
