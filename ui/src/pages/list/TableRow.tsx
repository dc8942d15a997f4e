import { memo, type KeyboardEvent } from 'react';
import { Checkbox } from 'antd';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { recordPath } from '@/api/meta';
import type { Entity, Field, RecordRow } from '@/api/types';
import { FieldValue, isNumeric } from '@/field/FieldValue';
import { InlineEditor, type Move } from '@/field/InlineEditor';
import { titleOf } from '@/field/references';
import { DueValue, isDue } from './DueValue';

export interface Cell {
  row: number;
  column: number;
}

interface Props {
  entity: Entity;
  fields: Field[];
  record: RecordRow;
  index: number;
  top: number;
  chosen: boolean;
  changed: boolean;
  /** Name of the field being edited in this row. */
  editing: string | null;
  onToggle: (id: string) => void;
  onEdit?: (cell: Cell) => void;
  onKeyDown: (event: KeyboardEvent, cell: Cell) => void;
  onFinish: (cell: Cell, move: Move) => void;
}

function CellContent({ entity, field, record }: { entity: Entity; field: Field; record: RecordRow }) {
  if (field.name === entity.title_field) {
    return <Link className="title ellipsis" to={recordPath(entity, record.id)} tabIndex={-1}>{titleOf(entity, record)}</Link>;
  }
  if (isDue(field)) return <DueValue field={field} record={record} />;
  if (field.name === 'score' && typeof record.score === 'number') {
    return <span className="score"><i style={{ '--v': `${record.score}%` } as React.CSSProperties} />{record.score}</span>;
  }
  return <span className="ellipsis"><FieldValue dense field={field} record={record} /></span>;
}

/** One record as a row. */
export const TableRow = memo(function TableRow(props: Props) {
  const { entity, fields, record, index, top, chosen, changed, editing, onToggle, onEdit, onKeyDown, onFinish } = props;
  const { t } = useTranslation();
  const classes = ['table-row', chosen ? 'chosen' : '', changed ? 'changed' : '', editing ? 'edited' : ''].filter(Boolean).join(' ');
  return (
    <div
      role="row" data-id={record.id} aria-rowindex={index + 2} aria-selected={chosen} className={classes}
      style={{ position: 'absolute', top: 0, left: 0, right: 0, transform: `translateY(${top}px)` }}
    >
      <div role="gridcell" className="check">
        <Checkbox aria-label={t('list.choose', { record: titleOf(entity, record) })} checked={chosen} onChange={() => onToggle(record.id)} />
      </div>
      {fields.map((field, column) => {
        const cell = { row: index, column };
        const edited = editing === field.name;
        return (
          <div
            key={field.name} role="gridcell" tabIndex={index === 0 && column === 0 ? 0 : -1} data-row={index} data-column={column}
            className={[isNumeric(field) && field.name !== 'score' ? 'num' : '', edited ? 'edit' : ''].join(' ')}
            onKeyDown={edited ? undefined : (event) => onKeyDown(event, cell)}
            onClick={(event) => {
              if (field.name !== entity.title_field && !(event.target instanceof HTMLAnchorElement)) onEdit?.(cell);
            }}
          >
            {edited
              ? <InlineEditor entity={entity} field={field} record={record} onDone={(move) => onFinish(cell, move)} />
              : <CellContent entity={entity} field={field} record={record} />}
          </div>
        );
      })}
    </div>
  );
});
