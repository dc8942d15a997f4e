import { useTranslation } from 'react-i18next';
import { Icon } from '@/part/Icon';
import './condition.css';

/** Why a condition holds or not, part by part. */
export interface Reason {
  holds: boolean;
  words?: string;
  all?: Reason[];
  any?: Reason[];
  not?: Reason;
}

function ReasonLine({ reason }: { reason: Reason }) {
  const { t } = useTranslation();
  const parts = reason.all ?? reason.any ?? (reason.not ? [reason.not] : null);
  const words = reason.words ?? t(reason.all ? 'condition.mode_all' : reason.any ? 'condition.mode_any' : 'condition.mode_none');
  return (
    <li>
      <span className={reason.holds ? 'ok-text' : 't3'}><Icon name={reason.holds ? 'check' : 'close'} size={14} /><span className="visually-hidden">{t(reason.holds ? 'segment.holds' : 'segment.fails')}</span> {words}</span>
      {parts && <ul>{parts.map((part, index) => <ReasonLine key={index} reason={part} />)}</ul>}
    </li>
  );
}

/** The parts of a condition, each with whether it holds. */
export function Reasons({ reason }: { reason: Reason }) {
  return <ul className="reasons"><ReasonLine reason={reason} /></ul>;
}
