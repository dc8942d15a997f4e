import './field.css';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { Entity, Field, RecordRow } from '@/api/types';
import { useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { ConflictChoice } from './ConflictChoice';
import { FieldInput } from './FieldInput';
import { Conflict } from './patchSeen';
import { putRecord } from './putRecord';
import { useSaveField } from './useSaveField';

export type Move = 'stay' | 'next' | 'previous';

interface Props {
  entity: Entity;
  field: Field;
  record: RecordRow;
  /** Editing is over; where to go from here. */
  onDone: (move: Move) => void;
}

/** Choosing is saving for these; the others are saved by Enter, Tab or by leaving. */
const savedByChoice = new Set(['option', 'boolean', 'reference', 'date']);

/** A field edited where it stands: Enter or Tab saves, Esc takes back, errors stand below it. */
export function InlineEditor({ entity, field, record: latestRecord, onDone }: Props) {
  const client = useQueryClient();
  const save = useSaveField(entity);
  const errorText = useErrorText();
  /* As it was when editing began: what others change meanwhile must not pass for what was seen. */
  const [record] = useState(latestRecord);
  const [value, setValue] = useState<unknown>(record[field.name]);
  const [error, setError] = useState<string | null>(null);
  const [conflict, setConflict] = useState<RecordRow | null>(null);
  const busy = useRef(false);
  const box = useRef<HTMLDivElement>(null);

  const commit = async (next: unknown, move: Move, overwrite = false) => {
    if (busy.current) return;
    if (JSON.stringify(next ?? null) === JSON.stringify(record[field.name] ?? null)) return onDone(move);
    busy.current = true;
    setError(null);
    try {
      await save(record, field, next, overwrite);
      onDone(move);
    } catch (failure) {
      if (failure instanceof Conflict) setConflict(failure.current);
      else setError(errorText(failure));
    } finally {
      busy.current = false;
    }
  };
  const takeTheirs = (current: RecordRow) => {
    putRecord(client, entity.plural, current);
    onDone('stay');
  };
  const change = (next: unknown) => {
    setValue(next);
    if (savedByChoice.has(field.type)) void commit(next, 'stay');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      onDone('stay');
    } else if (event.key === 'Tab') {
      event.preventDefault();
      void commit(value, event.shiftKey ? 'previous' : 'next');
    } else if (event.key === 'Enter' && !savedByChoice.has(field.type) && (field.type !== 'long_text' || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void commit(value, 'stay');
    }
    event.stopPropagation();
  };
  const latest = useRef({ commit, value, blocked: false });
  useEffect(() => {
    latest.current = { commit, value, blocked: conflict !== null || error !== null };
  });
  useEffect(() => {
    const onPress = (event: PointerEvent) => {
      const target = event.target as Element;
      if (box.current?.contains(target) || target.closest('.ant-select-dropdown, .ant-picker-dropdown')) return;
      if (!latest.current.blocked) void latest.current.commit(latest.current.value, 'stay');
    };
    document.addEventListener('pointerdown', onPress, true);
    return () => document.removeEventListener('pointerdown', onPress, true);
  }, []);

  return (
    <div ref={box} className="inline-editor" onKeyDown={onKeyDown} onClick={(event) => event.stopPropagation()}>
      <FieldInput inline field={field} value={value} title={record._refs?.[field.name]?.title} onChange={change} />
      {error && <div className="inline-error" role="alert"><Icon name="alert" size={14} />{error}</div>}
      {conflict && (
        <ConflictChoice
          entity={entity} field={field} mine={value} record={record} current={conflict}
          onChoose={(keepMine) => (keepMine ? void commit(value, 'stay', true) : takeTheirs(conflict))}
        />
      )}
    </div>
  );
}
