import { useTranslation } from 'react-i18next';
import type { Broken } from './standing';

/** What of a card asks for a field or choice that is no more, and what becomes of it meanwhile. */
export function BrokenParts({ parts }: { parts: Broken[] }) {
  const { t } = useTranslation();
  if (parts.length === 0) return null;
  return (
    <div className="notice warn dense" role="status">
      {parts.map(({ rule, name, why }) => <p key={rule}>{rule ? t('scoring.broken_rule', { name, why }) : t('scoring.broken_audience', { why })}</p>)}
    </div>
  );
}
