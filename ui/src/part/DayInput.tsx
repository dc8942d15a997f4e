import { DatePicker } from 'antd';
import dayjs from 'dayjs';

interface Props {
  /** "2026-11-27", or empty. */
  value?: string | null;
  onChange?: (day: string) => void;
  id?: string;
  label?: string;
  className?: string;
  /** No day before this one. */
  first?: string;
}

/** A day, written as the reader writes days, whatever the language of the browser. */
export function DayInput({ value, onChange, id, label, className = 'full-width', first }: Props) {
  return (
    <DatePicker
      id={id} aria-label={label} className={className} value={value ? dayjs(value) : null} minDate={first ? dayjs(first) : undefined}
      onChange={(day) => onChange?.(day ? day.format('YYYY-MM-DD') : '')}
    />
  );
}
