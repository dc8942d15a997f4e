import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useTotal } from '@/api/records';
import type { Condition, Entity } from '@/api/types';
import { linkTo } from '@/condition/where';
import { useFormat } from '@/format/useFormat';

/** How many records a condition holds for as they are now, before it is saved. */
export function RuleMatches({ entity, condition }: { entity: Entity; condition: Condition | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useTotal(entity.plural, { where: condition }, condition !== null);
  if (!condition) return null;
  return (
    <p className="t2 small-text" aria-live="polite">
      {data ? <>{t('rules.holds_for')} <Link className="inline" to={linkTo(entity.plural, condition)}>{format.count(data.value)} {data.value === 1 ? entity.label : entity.label_plural}</Link></> : t('rules.counting')}
    </p>
  );
}
