import { useState } from 'react';
import { Button, Drawer, Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Condition, Entity } from '@/api/types';
import { useSize } from '@/app/preferences';
import { Icon } from '@/part/Icon';
import { ConditionForm } from './ConditionEditor';
import { ConditionText, useLeafText } from './describe';
import { conditionOf, draftOf, isComplete, isGroup, replaceAt, without, type DraftLeaf, type DraftNode } from './draft';
import { LeafEditor } from './LeafEditor';
import './condition.css';

function LeafForm({ entity, leaf, onApply }: { entity: Entity; leaf: DraftLeaf; onApply: (leaf: DraftLeaf) => void }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(leaf);
  const submit = () => isComplete(draft) && onApply(draft);
  return (
    <form className="condition-form" onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <LeafEditor entity={entity} leaf={draft} onChange={setDraft} autoFocus />
      <Button type="primary" htmlType="submit" disabled={!isComplete(draft)}>{t('condition.apply')}</Button>
    </form>
  );
}

interface ChipProps {
  entity: Entity;
  node: DraftNode;
  onChange: (node: DraftNode) => void;
  onRemove: () => void;
  onOpenAll: () => void;
}

function LeafChip({ entity, leaf, onChange, onRemove }: Omit<ChipProps, 'node' | 'onOpenAll'> & { leaf: DraftLeaf }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { label, operator, operand } = useLeafText(entity, leaf);
  const apply = (next: DraftLeaf) => { onChange(next); setOpen(false); };
  return (
    <span className="chip">
      <Popover
        trigger="click" placement="bottomLeft" arrow={false} open={open} onOpenChange={setOpen} destroyOnHidden
        content={<LeafForm entity={entity} leaf={leaf} onApply={apply} />}
      >
        <button type="button" className="chip-body">
          <span>{label}</span><span className="operator">{operator}</span>
          {operand && <span className="value">{operand}</span>}
        </button>
      </Popover>
      <button type="button" className="chip-remove" aria-label={t('condition.remove', { what: `${label} ${operator} ${operand}` })} onClick={onRemove}>
        <Icon name="close" size={12} />
      </button>
    </span>
  );
}

function Chip({ entity, node, onChange, onRemove, onOpenAll }: ChipProps) {
  const { t } = useTranslation();
  if (!isGroup(node)) return <LeafChip entity={entity} leaf={node} onChange={onChange} onRemove={onRemove} />;
  return (
    <span className="chip">
      <button type="button" className="chip-body" onClick={onOpenAll}>
        <span className="value ellipsis"><ConditionText entity={entity} node={node} /></span>
      </button>
      <button type="button" className="chip-remove" aria-label={t('condition.remove', { what: t(`condition.mode_${node.mode}`) })} onClick={onRemove}>
        <Icon name="close" size={12} />
      </button>
    </span>
  );
}

interface Props {
  entity: Entity;
  value: Condition | null;
  onChange: (condition: Condition | null) => void;
}

/** A condition as chips: each is changed where it stands; what is nested opens the full editor. */
export function ConditionChips({ entity, value, onChange }: Props) {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  const [adding, setAdding] = useState(false);
  const [all, setAll] = useState(false);
  const draft = draftOf(value);
  const nodes: DraftNode[] = draft.mode === 'all' ? draft.items : [draft];
  const set = (items: DraftNode[]) => onChange(conditionOf({ mode: 'all', items }));
  const add = (leaf: DraftLeaf) => { set([...nodes, leaf]); setAdding(false); };
  return (
    <>
      {nodes.map((node, index) => (
        <span key={index} className="row chip-place">
          {index > 0 && <span className="t3 dense">{t('condition.and')}</span>}
          <Chip
            entity={entity} node={node} onChange={(next) => set(replaceAt(nodes, index, next))}
            onRemove={() => set(without(nodes, index))} onOpenAll={() => setAll(true)}
          />
        </span>
      ))}
      <Popover
        trigger="click" placement="bottomLeft" arrow={false} open={adding} onOpenChange={setAdding} destroyOnHidden
        content={(
          <>
            <LeafForm entity={entity} leaf={{ field: '', op: '' }} onApply={add} />
            <button type="button" className="link dense" onClick={() => { setAdding(false); setAll(true); }}>{t('condition.nested')}</button>
          </>
        )}
      >
        <button type="button" className="quiet-button small"><Icon name="plus" size={14} />{t('condition.add')}</button>
      </Popover>
      <Drawer open={all} onClose={() => setAll(false)} title={t('condition.title')} size={phone ? '100%' : 640} destroyOnHidden>
        <ConditionForm entity={entity} value={value} onChange={onChange} onClose={() => setAll(false)} />
      </Drawer>
    </>
  );
}
