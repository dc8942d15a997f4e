import { useState } from 'react';
import { Checkbox } from 'antd';
import type { Field } from '@/api/types';
import { isNumeric } from '@/field/FieldValue';
import { Icon } from '@/part/Icon';

interface Props {
  fields: Field[];
  sort: string;
  label: string;
  allChosen: boolean;
  someChosen: boolean;
  onChooseAll: (chosen: boolean) => void;
  onSort: (sort: string) => void;
  onMove: (moved: string, target: string) => void;
}

/** Column heads: press to sort, drag to move. */
export function TableHead({ fields, sort, label, allChosen, someChosen, onChooseAll, onSort, onMove }: Props) {
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const key = sort.replace(/^-/, '');
  const descending = sort.startsWith('-');
  const drop = (target: string) => {
    if (dragged) onMove(dragged, target);
    setDragged(null);
    setOver(null);
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
        {fields.map((field) => {
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
              onDrop={() => drop(field.name)}
            >
              {field.sortable ? (
                <button type="button" className={sorted ? 'sorted' : ''} onClick={() => onSort(sorted && !descending ? `-${field.name}` : field.name)}>
                  <span className="ellipsis">{field.label}</span>
                  {sorted && <Icon name={descending ? 'arrow_down' : 'arrow_up'} size={12} />}
                </button>
              ) : <span className="ellipsis">{field.label}</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}
