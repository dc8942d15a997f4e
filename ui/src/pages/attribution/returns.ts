import dayjs from 'dayjs';
import type { Condition } from '@/api/types';
import { instantOfWall } from '@/format/zone';
import type { ReturnReport, ReturnRow } from './attribution';

type Asked = Pick<ReturnReport, 'by' | 'from' | 'to'>;

/** Before it is chosen: from the beginning of the quarter before this one until today, a day of the company. */
export function usualPeriod(today: string): { from: string; to: string } {
  const day = dayjs(today);
  const quarter = day.month(Math.floor(day.month() / 3) * 3).startOf('month');
  return { from: quarter.subtract(3, 'month').format('YYYY-MM-DD'), to: today };
}

/** The costs behind a row. One without a channel of its own was spent on its campaign's. */
export function spentWhere({ by, from, to }: Asked, { title, booked }: Pick<ReturnRow, 'title' | 'booked'>): Condition {
  const says = (field: string): Condition => (title ? { field, op: 'in', value: booked } : { field, op: 'is_empty' });
  const unsaid: Condition = { all: [{ field: 'channel', op: 'is_empty' }, says('campaign_id.channel')] };
  const channel: Condition = title ? { any: [says('channel'), unsaid] } : unsaid;
  const campaign: Condition = title ? says('campaign_id.name') : says('campaign_id');
  return { all: [by === 'campaign' ? campaign : channel, { field: 'spent_on', op: 'between', value: [from, to] }] };
}

/** The leads behind a row, by the days of the company. */
export function leadsWhere({ by, from, to }: Asked, { title, said }: Pick<ReturnRow, 'title' | 'said'>, zone: string): Condition {
  const field = by === 'campaign' ? 'campaign' : 'source';
  const start = (day: string) => instantOfWall(`${day}T00:00`, zone);
  return { all: [
    title ? { field, op: 'in', value: said } : { field, op: 'is_empty' },
    { field: 'created_at', op: 'gte', value: start(from) }, { field: 'created_at', op: 'lt', value: start(dayjs(to).add(1, 'day').format('YYYY-MM-DD')) },
  ] };
}
