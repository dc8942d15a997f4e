import type { Approval, FieldFact, Shown } from '@/api/approvals';
import { useModel } from '@/api/meta';
import { isMoney } from '@/field/FieldValue';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { useTranslation } from 'react-i18next';

/** A value of a record the reader may not even know the type of: by what came with it. */
export function useShown(): (fact: FieldFact, shown: Shown, entity: string) => string {
  const format = useFormat();
  const { t } = useTranslation();
  const model = useModel();
  return ({ type, field }, { value, text }, entity) => {
    const share = model.named(entity)?.fields.find(({ name }) => name === field)?.share;
    if (text) return text;
    if (value === null || value === undefined || value === '') return nothing;
    if (isMoney(value)) return format.money(value);
    if (type === 'boolean') return t(value === true ? 'field.yes' : 'field.no');
    if (type === 'instant') return format.instant(String(value));
    if (type === 'date') return format.fullDate(String(value));
    if (type === 'quantity' && share) return format.percent(Number(value));
    if (type === 'quantity' || type === 'integer') return format.decimal(String(value));
    return String(value);
  };
}

/** What is to be changed, what it is about, and what moved since it was asked. */
export function Facts({ approval }: { approval: Approval }) {
  const { t } = useTranslation();
  const say = useShown();
  const text = (fact: FieldFact, shown: Shown) => say(fact, shown, approval.entity);
  const changes = approval.change.filter(({ field }) => !approval.verb || field !== 'name');
  const unsaid = ({ value }: Shown) => approval.draft && (value === null || value === '');
  const facts = approval.facts.filter(({ field, is }) => field !== 'name' && !unsaid(is) && !approval.change.some((change) => change.field === field));
  if (changes.length + facts.length === 0) return null;
  return (
    <dl className="approval-facts">
      {changes.map((change) => (
        <div key={change.field} className={change.from && 'approval-change'}>
          <dt className="t3 small-text">{change.label}</dt>
          <dd>{change.from && <><span className="t2">{text(change, change.from)}</span><span className="t3"> → </span></>}<b>{text(change, change.to)}</b></dd>
        </div>
      ))}
      {facts.map((fact) => {
        const moved = approval.moved.find(({ field }) => field === fact.field);
        return (
          <div key={fact.field}>
            <dt className="t3 small-text">{fact.label}</dt>
            <dd>{text(fact, fact.is)}{moved && <span className="warn"> {t('approvals.now', { value: text(moved, moved.now) })}</span>}</dd>
          </div>
        );
      })}
    </dl>
  );
}
