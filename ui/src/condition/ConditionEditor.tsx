import { useState } from 'react';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Condition, Entity } from '@/api/types';
import { IconButton } from '@/part/IconButton';
import { Icon } from '@/part/Icon';
import { conditionOf, draftOf, isGroup, isUnfinished, replaceAt, without, type DraftGroup, type DraftNode, type Mode } from './draft';
import { LeafEditor } from './LeafEditor';
import './condition.css';

const modes: Mode[] = ['all', 'any', 'none'];
const deepest = 8;

interface GroupProps {
  entity: Entity;
  group: DraftGroup;
  depth: number;
  onChange: (group: DraftGroup) => void;
}

/** A group of comparisons, with groups inside it. */
export function GroupEditor({ entity, group, depth, onChange }: GroupProps) {
  const { t } = useTranslation();
  const setItem = (index: number, item: DraftNode) => onChange({ ...group, items: replaceAt(group.items, index, item) });
  const add = (item: DraftNode) => onChange({ ...group, items: [...group.items, item] });
  return (
    <div className="group-editor" role="group" aria-label={t(`condition.mode_${group.mode}`)}>
      <Select
        aria-label={t('condition.mode')} size="small" variant="borderless" value={group.mode} popupMatchSelectWidth={false}
        options={modes.map((mode) => ({ value: mode, label: t(`condition.mode_${mode}`) }))}
        onChange={(mode) => onChange({ ...group, mode })}
      />
      <ul>
        {group.items.map((item, index) => (
          <li key={index}>
            {isGroup(item)
              ? <GroupEditor entity={entity} group={item} depth={depth + 1} onChange={(next) => setItem(index, next)} />
              : <LeafEditor entity={entity} leaf={item} onChange={(next) => setItem(index, next)} />}
            <IconButton small icon="close" label={t('action.remove')} onClick={() => onChange({ ...group, items: without(group.items, index) })} />
          </li>
        ))}
      </ul>
      <div className="row">
        <button type="button" className="quiet-button small" onClick={() => add({ field: '', op: '' })}>
          <Icon name="plus" size={14} />{t('condition.add')}
        </button>
        {depth < deepest && (
          <button type="button" className="quiet-button small" onClick={() => add({ mode: 'any', items: [{ field: '', op: '' }] })}>
            <Icon name="plus" size={14} />{t('condition.add_group')}
          </button>
        )}
      </div>
    </div>
  );
}

interface Props {
  entity: Entity;
  value: Condition | null | undefined;
  onChange: (condition: Condition | null) => void;
}

/**
 * The one editor of conditions, nested as deep as wanted: lists, rules, segments, scores use it.
 * Reports the condition after every change; what is not complete yet is left out, and that is said.
 */
export function ConditionEditor({ entity, value, onChange }: Props) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(() => draftOf(value));
  const change = (next: DraftGroup) => {
    setDraft(next);
    onChange(conditionOf(next));
  };
  return (
    <>
      <GroupEditor entity={entity} group={draft} depth={1} onChange={change} />
      {isUnfinished(draft) && <p className="warn small-text" role="status">{t('condition.unfinished')}</p>}
    </>
  );
}

/** The same with a button, for a popover: nothing changes before it is pressed. */
export function ConditionForm({ entity, value, onChange, onClose }: Props & { onClose: () => void }) {
  const { t } = useTranslation();
  const [condition, setCondition] = useState(value ?? null);
  return (
    <div className="condition-form">
      <ConditionEditor entity={entity} value={value} onChange={setCondition} />
      <div className="row">
        <Button type="primary" onClick={() => { onChange(condition); onClose(); }}>{t('condition.apply')}</Button>
        <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
      </div>
    </div>
  );
}
