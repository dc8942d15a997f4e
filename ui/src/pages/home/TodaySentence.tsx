import { Trans, useTranslation } from 'react-i18next';
import { useFormat } from '@/format/useFormat';
import type { Queue } from './queue';

/** The day in one sentence. */
export function TodaySentence({ queue }: { queue: Queue }) {
  const { t } = useTranslation();
  const format = useFormat();
  const clocks = queue.byGroup.get('new')?.length ?? 0;
  const late = queue.byGroup.get('overdue')?.length ?? 0;
  const values = { day: format.spokenDay(format.dayKey(new Date())), count: queue.items.length, clocks, late };
  if (queue.items.length === 0) return <>{t('home.sentence_none', values)}</>;
  const key = clocks > 0 ? 'home.sentence_clock' : late > 0 ? 'home.sentence_late' : 'home.sentence';
  return <Trans i18nKey={key} values={values} components={{ b: <b /> }} />;
}
