import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import type { Approval } from '@/api/approvals';
import { recordPath, useModel } from '@/api/meta';

/** Whose verb is held, and what would come of it: what is made, and what is there already. */
export function Outcome({ approval, here = false }: { approval: Approval; here?: boolean }) {
  const { t } = useTranslation();
  const model = useModel();
  const { origin, outcome, verb } = approval;
  const entity = origin ? model.named(origin.entity) : undefined;
  if (!verb) return null;
  return (
    <section className="approval-outcome">
      {origin && !here && (
        <p className="dense">
          <span className="t2">{entity?.label} </span>
          {origin.readable && origin.id && entity ? <Link to={recordPath(entity, origin.id)}>{origin.title}</Link> : <b>{origin.title || t('approvals.unnamed')}</b>}
        </p>
      )}
      <p className="t2 small-text dense">{t(approval.applied_at ? 'approvals.outcome_done' : 'approvals.outcome')}</p>
      <ul>
        {outcome.map((part) => (
          <li key={part.entity} className="row">
            <span className="t2">{part.label}</span>
            <b className="ellipsis">{part.title || t('approvals.unnamed')}</b>
            <span className="t3 small-text">{t(part.made ? 'approvals.outcome_new' : 'approvals.outcome_there')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
