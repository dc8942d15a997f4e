import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { Entity, Field, Value } from '@/api/types';
import { textOf } from '@/field/FieldValue';
import { useFormat } from '@/format/useFormat';
import { draftOf, isGroup, type DraftLeaf, type DraftNode } from './draft';
import { operatorOf, type Operator } from './operators';
import { useTitles } from './OperandInput';
import { useOtherText } from './otherText';

function asList(value: Value | undefined): Value[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** So many days are years to the day, give or take a leap day; 0: they are not. */
export function wholeYears(days: number): number {
  const years = Math.round(days / 365.25);
  return years >= 2 && Math.abs(days - years * 365.25) <= 2 ? years : 0;
}

/** The value of a comparison in words: 我的团队, 60, 3 天, 已转化、无效. */
function useOperandText(field: Field | undefined, operator: Operator | undefined, value: Value | undefined): string {
  const { t } = useTranslation();
  const format = useFormat();
  const list = asList(value);
  const ids = field?.type === 'reference' ? list.map(String) : [];
  const titles = useTitles(field?.target, ids);
  if (!field || !operator || operator.operand === 'none') return '';
  if (operator.operand === 'period') return t(`period.${value as 'today'}`);
  if (operator.operand === 'days') {
    const days = Number.parseInt(String(value), 10), years = wholeYears(days);
    return years ? t('condition.count_years', { count: years }) : t('condition.count_days', { count: days });
  }
  const words = { yes: t('field.yes'), no: t('field.no') };
  const texts = list.map((part) => (field.type === 'reference' ? titles.get(String(part)) ?? '…' : textOf(field, part, format, words)));
  if (operator.operand === 'range') return texts.join('–');
  return texts.length > 3
    ? t('condition.and_more', { some: texts.slice(0, 2).join(t('condition.comma')), count: texts.length })
    : texts.join(t('condition.comma'));
}

/** Label, operator and value of one comparison as words. */
export function useLeafText(entity: Entity, leaf: DraftLeaf): { label: string; operator: string; operand: string } {
  const { t } = useTranslation();
  const other = useOtherText(leaf.other);
  const model = useModel();
  const field = model.fieldAt(entity, leaf.field);
  const operator = field ? operatorOf(field, leaf.op) : undefined;
  const operand = useOperandText(field, operator, leaf.value);
  if (other) return other;
  return { label: model.labelAt(entity, leaf.field), operator: operator ? t(operator.label) : leaf.op, operand };
}

function LeafText({ entity, leaf }: { entity: Entity; leaf: DraftLeaf }) {
  const model = useModel();
  const { label, operator, operand } = useLeafText(entity, leaf);
  const related = leaf.other && 'related' in leaf.other ? leaf.other : null;
  const of = model.named(related?.related);
  return <>{label} {operator}{operand && ` ${operand}`}{related?.where && of && <> (<ConditionText entity={of} node={draftOf(related.where)} />)</>}</>;
}

/** A part of a condition as one line, for the chip of a group and for sentences about rules. */
export function ConditionText({ entity, node, inner = false }: { entity: Entity; node: DraftNode; inner?: boolean }) {
  const { t } = useTranslation();
  if (!isGroup(node)) return <LeafText entity={entity} leaf={node} />;
  const bracketed = node.mode === 'none' || (inner && node.items.length > 1);
  const joint = node.mode === 'all' ? t('condition.and') : t('condition.or');
  return (
    <>
      {node.mode === 'none' && `${t('condition.not')} `}
      {bracketed && '('}
      {node.items.map((item, index) => (
        <span key={index}>{index > 0 && ` ${joint} `}<ConditionText entity={entity} node={item} inner={node.items.length > 1} /></span>
      ))}
      {bracketed && ')'}
    </>
  );
}
