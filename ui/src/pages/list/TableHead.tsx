import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/api/types';
import { isNumeric } from '@/field/FieldValue';
import { Icon } from '@/part/Icon';
import { narrowest, widest } from './columns';

interface Props {
  fields: Field[];
  sort: string;
  label: string;
  allChosen: boolean;
  someChosen: boolean;
  onChooseAll: (chosen: boolean) => void;
  onSort: (sort: string) => void;
  onMove: (moved: string, target: string) => void;
  /** A width in px, or null for as wide as there is room; kept once the edge is let go. */
  onWidth: (field: string, width: number | null, keep: boolean) => void;
}

/** The right edge of a head: dragged for the width, pressed twice for the width it had at first. */
function WidthHandle({ onWidth }: { onWidth: (width: number | null, keep: boolean) => void }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const start = (event: PointerEvent<HTMLElement>) => {
    from.current = { x: event.clientX, width: event.currentTarget.parentElement?.offsetWidth ?? 0 };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const draw = (event: PointerEvent, keep: boolean) => {
    if (from.current && event.clientX !== from.current.x) onWidth(fitting(from.current.width + event.clientX - from.current.x), keep);
    if (keep) from.current = null;
  };
  return (
    <i
      className="width-handle" aria-hidden draggable
      onDragStart={(event) => { event.preventDefault(); event.stopPropagation(); }}
      onPointerDown={start} onPointerMove={(event) => draw(event, false)} onPointerUp={(event) => draw(event, true)}
      onPointerCancel={() => { from.current = null; }} onDoubleClick={() => onWidth(null, true)}
    />
  );
}

function fitting(width: number): number {
  return Math.round(Math.min(widest, Math.max(narrowest, width)));
}

const keyStep = 16;

/** Column heads: press to sort, drag to move, drag the edge for the width; by keyboard Alt and Alt-Shift with the arrows. */
export function TableHead({ fields, sort, label, allChosen, someChosen, onChooseAll, onSort, onMove, onWidth }: Props) {
  const { t } = useTranslation();
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const key = sort.replace(/^-/, '');
  const descending = sort.startsWith('-');
  const drop = (target: string) => {
    if (dragged) onMove(dragged, target);
    setDragged(null);
    setOver(null);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>, index: number) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const field = fields[index];
    if (!event.altKey || !step || !field) return;
    event.preventDefault();
    const head = event.currentTarget;
    const target = fields[index + step];
    if (event.shiftKey) onWidth(field.name, fitting(head.offsetWidth + step * keyStep), true);
    else if (target) {
      onMove(field.name, target.name);
      requestAnimationFrame(() => head.querySelector<HTMLElement>('button')?.focus());
    }
  };
  return (
    <div role="rowgroup" className="table-head">
      <div role="row" className="table-row">
        <div role="columnheader" className="check">
          <Checkbox
            aria-label={label} checked={allChosen} indeterminate={!allChosen && someChosen}
            onChange={(event) => onChooseAll(event.target.checked)}
          />
        </div>
        {fields.map((field, index) => {
          const sorted = field.name === key;
          return (
            <div
              key={field.name}
              role="columnheader"
              aria-sort={sorted ? (descending ? 'descending' : 'ascending') : undefined}
              className={[isNumeric(field) && field.name !== 'score' ? 'num' : '', over === field.name && dragged !== field.name ? 'drop' : ''].join(' ')}
              draggable
              onDragStart={(event) => { setDragged(field.name); event.dataTransfer.effectAllowed = 'move'; }}
              onDragOver={(event) => { event.preventDefault(); setOver(field.name); }}
              onDragEnd={() => { setDragged(null); setOver(null); }}
              onDrop={() => drop(field.name)} onKeyDown={(event) => onKeyDown(event, index)}
            >
              {field.sortable ? (
                <button type="button" title={t('list.head_hint')} className={sorted ? 'sorted' : ''} onClick={() => onSort(sorted && !descending ? `-${field.name}` : field.name)}>
                  <span className="ellipsis">{field.label}</span>
                  {sorted && <Icon name={descending ? 'arrow_down' : 'arrow_up'} size={12} />}
                </button>
              ) : <span className="ellipsis">{field.label}</span>}
              <WidthHandle onWidth={(width, keep) => onWidth(field.name, width, keep)} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
