import { useEffect, useRef } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Link } from 'react-router';
import { recordPath } from '@/api/meta';
import type { Entity, RecordRow } from '@/api/types';
import { stateField } from '@/field/editable';
import { FieldValue } from '@/field/FieldValue';
import { titleOf } from '@/field/references';
import { rowHeight } from '@/theme';
import { columnFields } from './columns';
import { DueValue, isDue } from './DueValue';

interface Props {
  entity: Entity;
  columns: string[];
  rows: RecordRow[];
  changed: ReadonlySet<string>;
  onEnd: () => void;
}

/** The list on a phone: two lines a record, what is due at the right. */
export function CardList({ entity, columns, rows, changed, onEnd }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const fields = columnFields(entity, columns).filter((field) => field.name !== entity.title_field);
  const due = fields.find(isDue);
  const state = fields.find((field) => field === stateField(entity));
  const amount = fields.find((field) => field.type === 'money');
  const lines = fields.filter((field) => field !== due && field !== state && field !== amount).slice(0, 2);
  const virtual = useVirtualizer({
    count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight.phone, overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 15) onEnd();
  }, [last, rows.length, onEnd]);
  return (
    <div ref={scroller} className="cards">
      <ul style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const record = rows[item.index];
          if (!record) return null;
          return (
            <li key={record.id} className={changed.has(record.id) ? 'list-card changed' : 'list-card'} style={{ transform: `translateY(${item.start}px)` }}>
              <Link to={recordPath(entity, record.id)}>
                <span className="row">
                  <b className="ellipsis grow">{titleOf(entity, record)}</b>
                  <span className="dense nowrap">{due ? <DueValue field={due} record={record} /> : amount && <FieldValue dense field={amount} record={record} />}</span>
                </span>
                <span className="row dense t2">
                  <span className="ellipsis grow">
                    {lines.filter((field) => record[field.name] !== null && record[field.name] !== '').map((field, index) => (
                      <span key={field.name}>{index > 0 && ' · '}<PlainValue entity={entity} record={record} name={field.name} /></span>
                    ))}
                  </span>
                  {state && <FieldValue dense field={state} record={record} />}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** A value without links of its own, since the whole card is one. */
function PlainValue({ entity, record, name }: { entity: Entity; record: RecordRow; name: string }) {
  const field = entity.fields.find((candidate) => candidate.name === name);
  if (!field) return null;
  if (field.type === 'reference') return <>{record._refs?.[name]?.title ?? ''}</>;
  if (field.type === 'email' || field.type === 'url') return <>{String(record[name] ?? '')}</>;
  return <FieldValue dense field={field} record={record} />;
}
