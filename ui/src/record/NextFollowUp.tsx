import { useState } from 'react';
import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { instantOfWall, wallOfInstant } from '@/format/zone';
import { useFormat } from '@/format/useFormat';

/** Ten in the morning, some days from today, on the company's clock. */
function morning(days: number, timeZone: string): string {
  const today = wallOfInstant(new Date().toISOString(), timeZone).slice(0, 10);
  return instantOfWall(`${dayjs(today).add(days, 'day').format('YYYY-MM-DD')}T10:00`, timeZone);
}

interface Props {
  value: string | null;
  onChange: (value: string | null) => void;
  label: string;
}

/** When to come back: tomorrow, in three days, or a date. Pressed again, nothing. */
export function NextFollowUp({ value, onChange, label }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const { company } = useSession();
  const [picking, setPicking] = useState(false);
  const offers = [
    { at: morning(1, company.time_zone), text: t('composer.tomorrow') },
    { at: morning(3, company.time_zone), text: t('composer.in_three_days') },
  ];
  const other = value !== null && !offers.some((offer) => offer.at === value);
  return (
    <div className="row wrap next-follow-up" role="group" aria-label={label}>
      <span className="t2 small-text">{label}</span>
      {offers.map((offer) => (
        <button
          key={offer.text} type="button" className={value === offer.at ? 'quiet-button small on' : 'quiet-button small'} aria-pressed={value === offer.at}
          onClick={() => onChange(value === offer.at ? null : offer.at)}
        >
          {offer.text}
        </button>
      ))}
      {picking || other ? (
        <DatePicker
          size="small" aria-label={label} defaultOpen={picking} showTime={{ format: 'HH:mm', minuteStep: 15 }} format="YYYY-MM-DD HH:mm"
          value={value ? dayjs(wallOfInstant(value, company.time_zone)) : null}
          onChange={(at) => { setPicking(false); onChange(at ? instantOfWall(at.format('YYYY-MM-DDTHH:mm'), company.time_zone) : null); }}
        />
      ) : (
        <button type="button" className="quiet-button small" onClick={() => setPicking(true)}>{t('composer.pick_date')}</button>
      )}
      {value && <span className="visually-hidden">{format.instant(value)}</span>}
    </div>
  );
}
