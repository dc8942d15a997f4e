import { useSearchParams } from 'react-router';
import dayjs from 'dayjs';
import { models } from './attribution';

/** What is looked at, kept in the address: period, window, by what, the main model. */
export function useAsked() {
  const [search, setSearch] = useSearchParams();
  const change = (given: Record<string, string | null>) => setSearch((before) => {
    const after = new URLSearchParams(before);
    for (const [name, value] of Object.entries(given)) {
      if (value) after.set(name, value);
      else after.delete(name);
    }
    return after;
  });
  const today = dayjs();
  const quarter = today.month(Math.floor(today.month() / 3) * 3).startOf('month');
  return {
    from: search.get('from') ?? quarter.subtract(3, 'month').format('YYYY-MM-DD'),
    to: search.get('to') ?? today.format('YYYY-MM-DD'),
    window: search.get('window') ?? '180',
    by: search.get('by') === 'campaign' ? 'campaign' as const : search.get('by') === 'channel' ? 'channel' as const : null,
    model: models.find((name) => name === search.get('model')) ?? 'linear' as const,
    returns: search.get('view') === 'roi', place: search.get('place'), change,
  };
}
