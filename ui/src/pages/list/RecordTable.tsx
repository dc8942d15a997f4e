import { useEffect, useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useNavigationType } from 'react-router';
import { useTranslation } from 'react-i18next';
import type { Entity, Field, RecordRow } from '@/api/types';
import { setPreferences, usePreferences } from '@/app/preferences';
import { useHotkeys } from '@/part/hotkeys';
import { rowHeight } from '@/theme';
import { isEditable } from '@/field/editable';
import { columnFields, gridTemplate, leastWidth, moveColumn, type Widths } from './columns';
import { TableHead } from './TableHead';
import { TableRow, type Cell } from './TableRow';
import type { Selection } from './useSelection';

interface Props {
  entity: Entity;
  columns: string[];
  rows: RecordRow[];
  sort: string;
  changed: ReadonlySet<string>;
  selection: Selection;
  onSort: (sort: string) => void;
  onColumns: (columns: string[]) => void;
  onOpen: (record: RecordRow) => void;
  /** Called when the reader comes near the end of what is read. */
  onEnd: () => void;
  readOnly?: boolean;
}

const nearEnd = 20;

/** The record whose row had the focus last, by record type: who comes back to the list goes on from there. */
const lastAt = new Map<string, string>();
const noWidths: Widths = {};

/** Moves the keyboard focus to a cell; the virtual list may have to draw it first. */
function focusCell(scroller: HTMLElement | null, cell: Cell): void {
  const focus = () => {
    const element = scroller?.querySelector<HTMLElement>(`[data-row="${cell.row}"][data-column="${cell.column}"]`);
    element?.focus({ preventScroll: true });
    return !!element;
  };
  if (!focus()) requestAnimationFrame(focus);
}

const steps: Record<string, [number, number]> = {
  j: [1, 0], k: [-1, 0], ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], PageDown: [15, 0], PageUp: [-15, 0],
};

export function canEdit(field: Field, record: RecordRow): boolean {
  return isEditable(field) && !record._masked?.includes(field.name);
}

/** The table of a list: only the rows in view exist, so that a million scroll as well as a hundred. */
export function RecordTable(props: Props) {
  const { entity, columns, rows, sort, changed, selection, onSort, onColumns, onOpen, onEnd, readOnly } = props;
  const { t } = useTranslation();
  const { density, widths: allWidths } = usePreferences();
  const kept = allWidths[entity.name] ?? noWidths;
  const [drawn, setDrawn] = useState<Widths | null>(null);
  const widths = drawn ?? kept;
  const scroller = useRef<HTMLDivElement>(null);
  const [editing, setEditing] = useState<{ id: string; field: string } | null>(null);
  const fields = columnFields(entity, columns);
  const template = gridTemplate(entity, fields, widths);
  const virtual = useVirtualizer({
    count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight[density], overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - nearEnd) onEnd();
  }, [last, rows.length, onEnd]);
  useEffect(() => virtual.measure(), [density, virtual]);

  const onWidth = (name: string, width: number | null, keep: boolean) => {
    const { [name]: _, ...others } = kept;
    const next = width === null ? others : { ...others, [name]: width };
    setDrawn(keep ? null : next);
    if (keep) setPreferences({ widths: { ...allWidths, [entity.name]: next } });
  };
  const go = (cell: Cell) => {
    const target = {
      row: Math.max(0, Math.min(rows.length - 1, cell.row)), column: Math.max(0, Math.min(fields.length - 1, cell.column)),
    };
    virtual.scrollToIndex(target.row);
    focusCell(scroller.current, target);
  };
  const edit = (cell: Cell) => {
    const record = rows[cell.row];
    const field = fields[cell.column];
    if (record && field && !readOnly && canEdit(field, record)) setEditing({ id: record.id, field: field.name });
    else if (record && field?.name === entity.title_field) onOpen(record);
  };
  const onKeyDown = (event: KeyboardEvent, cell: Cell) => {
    const record = rows[cell.row];
    const step = event.ctrlKey || event.metaKey ? undefined : steps[event.key];
    if (step) go({ row: cell.row + step[0], column: cell.column + step[1] });
    else if (event.key === 'Enter' && record && cell.column === 0) onOpen(record);
    else if (event.key === 'Enter' || event.key === 'F2') edit(cell);
    else if ((event.key === ' ' || event.key === 'x') && record) selection.toggle(record.id);
    else if (event.key === 'o' && record) onOpen(record);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const begin = () => go({ row: rows.findIndex(({ id }) => id === lastAt.get(entity.name)), column: 0 });
  useHotkeys({ j: begin, k: begin });
  const back = useNavigationType() === 'POP' && rows.some(({ id }) => id === lastAt.get(entity.name));
  const first = useRef(back ? begin : null);
  useEffect(() => {
    if (document.activeElement === document.body) requestAnimationFrame(() => first.current?.());
  }, []);
  const onFocus = ({ target }: FocusEvent) => {
    const id = target.closest<HTMLElement>('[role="row"][data-id]')?.dataset.id;
    if (id) lastAt.set(entity.name, id);
  };
  const finish = (cell: Cell, move: 'stay' | 'next' | 'previous') => {
    setEditing(null);
    go({ row: cell.row, column: cell.column + { stay: 0, next: 1, previous: -1 }[move] });
  };
  return (
    <div ref={scroller} className="table" role="grid" onFocus={onFocus} aria-label={entity.label_plural} aria-rowcount={rows.length + 1} aria-multiselectable>
      <div className="table-inner" style={{ minWidth: leastWidth(entity, fields, widths), '--columns': template } as React.CSSProperties}>
        <TableHead
          fields={fields} sort={sort} onSort={onSort}
          allChosen={rows.length > 0 && rows.every((row) => selection.has(row.id))} someChosen={selection.ids.size > 0}
          onChooseAll={(chosen) => selection.setRange(rows.map((row) => row.id), chosen)}
          onMove={(moved, target) => onColumns(moveColumn(fields.map((field) => field.name), moved, target))}
          onWidth={onWidth} label={t('list.choose_all')}
        />
        <div role="rowgroup" style={{ height: virtual.getTotalSize() + (selection.ids.size > 0 ? 72 : 0), position: 'relative' }}>
          {items.map((item) => {
            const record = rows[item.index];
            if (!record) return null;
            return (
              <TableRow
                key={record.id} entity={entity} fields={fields} record={record} index={item.index} top={item.start}
                chosen={selection.has(record.id)} changed={changed.has(record.id)}
                editing={editing?.id === record.id ? editing.field : null}
                onToggle={selection.toggle} onEdit={readOnly ? undefined : edit} onKeyDown={onKeyDown} onFinish={finish}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
