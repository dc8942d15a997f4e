import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';

const periods = [7, 30, 90] as const;

/** The last days a report looks at; they stand in the address. */
export function useDays(): number {
  const [search] = useSearchParams();
  return periods.find((period) => String(period) === search.get('days')) ?? 30;
}

export function DaysChoice() {
  const { t } = useTranslation();
  const [, setSearch] = useSearchParams();
  const days = useDays();
  const choose = (next: number) => setSearch((before) => {
    const after = new URLSearchParams(before);
    after.set('days', String(next));
    return after;
  }, { replace: true });
  return (
    <span className="segments" role="group" aria-label={t('days.period')}>
      {periods.map((period) => <button key={period} type="button" className={period === days ? 'on' : undefined} aria-pressed={period === days} onClick={() => choose(period)}>{t('days.last', { count: period })}</button>)}
    </span>
  );
}
