import { useTranslation } from 'react-i18next';
import type { RecordRow } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { pathOf, reasonsOf } from './handover';

/** Why it was handed over and how they came here: score, what gave it, captures and visits. */
export function HandoverStory({ handover }: { handover: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const reasons = reasonsOf(handover);
  const path = pathOf(handover);
  const note = typeof handover.note === 'string' ? handover.note : '';
  return (
    <div className="handover-story dense">
      {note && <p>{note}</p>}
      {reasons.length > 0 && (
        <ul>
          {reasons.slice(0, 6).map((reason) => (
            <li key={reason.text} className="row"><span className={reason.points < 0 ? 'bad handover-points' : 'ok handover-points'}>{reason.points > 0 ? `+${reason.points}` : reason.points}</span>{reason.text}</li>
          ))}
        </ul>
      )}
      {path && (
        <p className="t2">
          {path.visits > 0 && t('handover.visits', { visits: path.visits, pages: path.pages, minutes: path.minutes })}
          {path.touches.length > 0 && t('handover.touches', { touches: path.touches.slice(0, 3).map(({ source, at }) => `${source || t('handover.unknown_source')} ${format.day(at)}`).join(t('handover.comma')) })}
        </p>
      )}
    </div>
  );
}
