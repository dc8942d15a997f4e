import { useMemo } from 'react';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { Entity } from '@/api/types';
import { ownFirst } from '@/field/editable';
import type { DraftLeaf } from './draft';
import { otherOf, otherValue, useOtherChoices } from './other';
import { OtherEditor } from './OtherEditor';
import { OperandInput } from './OperandInput';
import { operatorOf, operatorsOf } from './operators';

/** Fields of a record type and, one step further, of the records it refers to. */
function useFieldChoices(entity: Entity) {
  const model = useModel();
  return useMemo(() => {
    const filterable = (of: Entity) => ownFirst(of.fields.filter((field) => field.filterable && field.type !== 'json'));
    const own = { label: entity.label, options: filterable(entity).map((field) => ({ value: field.name, label: field.label })) };
    const beyond = filterable(entity).flatMap((reference) => {
      const target = model.named(reference.target);
      if (reference.type !== 'reference' || !target || target.module === 'organization') return [];
      return [{
        label: reference.label,
        options: filterable(target)
          .filter((field) => field.type !== 'reference')
          .map((field) => ({ value: `${reference.name}.${field.name}`, label: `${reference.label} · ${field.label}` })),
      }];
    });
    return [own, ...beyond];
  }, [entity, model]);
}

interface Props {
  entity: Entity;
  leaf: DraftLeaf;
  onChange: (leaf: DraftLeaf) => void;
  autoFocus?: boolean;
}

/** One comparison: field, operator, value. */
export function LeafEditor({ entity, leaf, onChange, autoFocus }: Props) {
  const { t } = useTranslation();
  const model = useModel();
  const fields = useFieldChoices(entity);
  const others = useOtherChoices(entity);
  const choices = others.length > 0 ? [fields[0]!, { label: t('condition.others'), options: others }, ...fields.slice(1)] : fields;
  const field = model.fieldAt(entity, leaf.field);
  const operators = field ? operatorsOf(field) : [];
  const operator = field ? operatorOf(field, leaf.op) : undefined;

  const chooseField = (path: string) => {
    const other = otherOf(path);
    if (other) { onChange({ field: '', op: '', other }); return; }
    const next = model.fieldAt(entity, path);
    onChange({ field: path, op: (next && operatorsOf(next)[0]?.op) ?? '' });
  };
  const chooseOperator = (op: string) => {
    const keep = field && operatorOf(field, op)?.operand === operator?.operand;
    onChange({ field: leaf.field, op, value: keep ? leaf.value : undefined });
  };
  const what = (
      <Select
        aria-label={t('condition.field')} placeholder={t('condition.field')} value={(leaf.other ? otherValue(leaf.other) : leaf.field) || undefined} autoFocus={autoFocus}
        defaultOpen={autoFocus && !leaf.field && !leaf.other} showSearch={{ optionFilterProp: 'label' }} popupMatchSelectWidth={false}
        options={choices} onChange={chooseField}
      />
  );
  if (leaf.other) {
    return (
      <div className="leaf-other">
        {what}
        <OtherEditor entity={entity} leaf={leaf.other} onChange={(other) => onChange({ field: '', op: '', other })} />
      </div>
    );
  }
  return (
    <div className={operator?.operand === 'none' ? 'leaf-editor alone' : 'leaf-editor'}>
      {what}
      <Select
        aria-label={t('condition.operator')} value={leaf.op || undefined} disabled={!field} popupMatchSelectWidth={false}
        options={operators.map(({ op, label }) => ({ value: op, label: t(label) }))} onChange={chooseOperator}
      />
      {operator?.operand !== 'none' && (
        <div className="operand">
          {field && operator && <OperandInput field={field} operator={operator} value={leaf.value} onChange={(value) => onChange({ ...leaf, value })} />}
        </div>
      )}
    </div>
  );
}
