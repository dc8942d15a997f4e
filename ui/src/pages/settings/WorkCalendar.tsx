import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { recordKeys } from '@/api/records';
import type { Entity } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { RecordSection } from './RecordSection';
import { monthsOf, type MonthDay, type WorkYear } from './workCalendar';
import './workCalendar.css';

const years = { first: 2000, last: 2100 };

function Day({ day }: { day: MonthDay }) {
  const { t } = useTranslation();
  const said = day.source && day.source !== 'week' ? [t(day.works ? 'workyear.works' : 'workyear.off'), day.name || t(`workyear.of_${day.source}`)].join(' · ') : undefined;
  const kind = day.works ? (said ? ' worked' : '') : said ? ' off' : ' weekend';
  return <td className={`num workyear-day${kind}`} title={said}>{day.day}{said && <span className="visually-hidden"> {said}</span>}</td>;
}

function Month({ days, month, year }: { days: (MonthDay | null)[][]; month: number; year: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <table className="workyear-month">
      <caption className="strong">{t('workyear.month', { n: month, name: format.monthName(`${year}-${String(month).padStart(2, '0')}-01`) })}</caption>
      <tbody>{days.map((week, at) => <tr key={at}>{week.map((day, index) => (day ? <Day key={index} day={day} /> : <td key={index} />))}</tr>)}</tbody>
    </table>
  );
}

/** The working days of a year, and what the company enters of holidays and make-up days. */
export function WorkCalendar({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [year, setYear] = useState(() => Number(format.dayKey(new Date()).slice(0, 4)));
  // Under the key of the days entered: whoever changes those has this read again.
  const { data, error, refetch } = useQuery({ queryKey: [...recordKeys.all(entity.plural), 'year', year], queryFn: () => api.get<WorkYear>('/workdays', { year }), placeholderData: (before) => before });
  return (
    <>
      <RecordSection entity={entity} hint={t('workyear.none_hint')} />
      <div className="row wrap workyear-head">
        <IconButton icon="left" label={t('workyear.before')} disabled={year <= years.first} onClick={() => setYear(year - 1)} />
        <h2 className="num">{year}</h2>
        <IconButton icon="right" label={t('workyear.after')} disabled={year >= years.last} onClick={() => setYear(year + 1)} />
        {data && <span className="t2">{t('workyear.working_days', { count: data.working_days })}</span>}
      </div>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows />}
      {data && <p className={data.announced ? 't2' : 'notice warn'}>{t(data.announced ? 'workyear.announced' : 'workyear.not_announced', { year: data.year })}</p>}
      {data && (
        <div className="workyear-year">
          {monthsOf(data).map((days, index) => <Month key={index} days={days} month={index + 1} year={data.year} />)}
        </div>
      )}
      <p className="t2 dense workyear-legend"><span className="workyear-day off">15</span> {t('workyear.off')} <span className="workyear-day worked">15</span> {t('workyear.works')}</p>
    </>
  );
}
