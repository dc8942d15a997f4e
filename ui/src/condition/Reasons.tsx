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

/** What is not to be, said in one line when it is a single thing. */
function useWords(): (reason: Reason) => { words: string; parts: Reason[] | null } {
  const { t } = useTranslation();
  return (reason) => {
    if (reason.words !== undefined) return { words: reason.words, parts: null };
    if (reason.not?.words !== undefined) return { words: t('condition.not_so', { words: reason.not.words }), parts: null };
    if (reason.not) return { words: t('condition.mode_none'), parts: reason.not.all ?? reason.not.any ?? [reason.not] };
    return { words: t(reason.all ? 'condition.mode_all' : 'condition.mode_any'), parts: reason.all ?? reason.any ?? null };
  };
}

function ReasonLine({ reason }: { reason: Reason }) {
  const { t } = useTranslation();
  const { words, parts } = useWords()(reason);
  return (
    <li>
      <span className={reason.holds ? 'row tight ok-text' : 'row tight t2'}>
        <Icon name={reason.holds ? 'check' : 'close'} size={14} /><span className="visually-hidden">{t(reason.holds ? 'segment.holds' : 'segment.fails')}</span><span>{words}</span>
      </span>
      {parts && <ul>{parts.map((part, index) => <ReasonLine key={index} reason={part} />)}</ul>}
    </li>
  );
}

/** The parts of a condition, each with whether it holds. */
export function Reasons({ reason }: { reason: Reason }) {
  return <ul className="reasons"><ReasonLine reason={reason} /></ul>;
}
