import { useSearchParams } from 'react-router';
import { useFormat } from '@/format/useFormat';
import { models } from './attribution';
import { usualPeriod } from './returns';

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
  const usual = usualPeriod(useFormat().dayKey(new Date()));
  return {
    from: search.get('from') ?? usual.from,
    to: search.get('to') ?? usual.to,
    window: search.get('window') ?? '180',
    by: search.get('by') === 'campaign' ? 'campaign' as const : search.get('by') === 'channel' ? 'channel' as const : null,
    model: models.find((name) => name === search.get('model')) ?? 'linear' as const,
    returns: search.get('view') === 'roi', place: search.get('place'), change,
  };
}
