import { useTranslation } from 'react-i18next';
import { useFormat } from '@/format/useFormat';
import { IconButton } from '@/part/IconButton';
import { periodLabel, stepped, type Period, type PeriodKind } from './period';
import './period.css';

interface Props {
  kinds: readonly PeriodKind[];
  kind: PeriodKind;
  /** As the server gave it; null until then. */
  period: Period | null;
  onKind: (kind: PeriodKind) => void;
  onDay: (day: string) => void;
  /** Whether one may go further back and on. */
  back?: boolean;
  on?: boolean;
}

/** Which period is looked at: its kind, and the one before and after. */
export function PeriodBar({ kinds, kind, period, onKind, onDay, back = true, on = true }: Props) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const language = i18n.language === 'en' ? 'en' : 'zh';
  return (
    <div className="period-bar">
      <div className="segments" role="group" aria-label={t('performance.period')}>
        {kinds.map((name) => (
          <button key={name} type="button" className={name === kind ? 'on' : ''} aria-pressed={name === kind} onClick={() => onKind(name)}>{t(`performance.kind_${name}`)}</button>
        ))}
      </div>
      <span className="period-step">
        <IconButton icon="left" small label={t('performance.earlier')} disabled={!period || !back} onClick={() => period && onDay(stepped(period.from, period.kind, -1))} />
        <b className="nowrap">{period ? periodLabel(period, format, language) : ' '}</b>
        <IconButton icon="right" small label={t('performance.later')} disabled={!period || !on} onClick={() => period && onDay(stepped(period.from, period.kind, 1))} />
      </span>
    </div>
  );
}
