import { useMemo, useState } from 'react';
import { Button, Select } from 'antd';
import {
  DndContext, DragOverlay, KeyboardSensor, PointerSensor, pointerWithin, rectIntersection, useDraggable, useDroppable, useSensor, useSensors,
  type CollisionDetection, type DragEndEvent, type KeyboardCoordinateGetter,
} from '@dnd-kit/core';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { recordPath } from '@/api/meta';
import { useSession } from '@/api/session';
import type { Entity, Field, RecordRow } from '@/api/types';
import { useSize } from '@/app/preferences';
import type { ViewFormProps } from '@/app/registry';
import { linkTo } from '@/condition/where';
import { titleOf } from '@/field/references';
import { useFormat } from '@/format/useFormat';
import { useChangedRecords } from '@/live/useLive';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { byDay, dateFields, daysInView, placeOf, turned, whereInView, type Span } from './calendar';
import { useCalendar } from './useCalendar';
import './calendar.css';

/** Arrows go to the day beside, above or below. */
const toNeighbour: KeyboardCoordinateGetter = (event, { currentCoordinates, context }) => {
  const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 7, ArrowUp: -7 };
  const step = steps[event.code];
  if (step === undefined) return undefined;
  event.preventDefault();
  const days = context.droppableContainers.getEnabled().map(({ id }) => String(id)).sort();
  const over = String(context.over?.id ?? context.active?.data.current?.day ?? '');
  const rect = context.droppableRects.get(days[days.indexOf(over) + step] ?? '');
  return rect ? { x: rect.left + 4, y: rect.top + 28 } : currentCoordinates;
};

const underPointer: CollisionDetection = (given) => (given.pointerCoordinates ? pointerWithin(given) : rectIntersection(given));

/** What is in view: the field, month or week, the day. All of it is in the address. */
function useView(fields: Field[]) {
  const format = useFormat();
  const [search, setSearch] = useSearchParams();
  const today = format.dayKey(new Date());
  const asked = search.get('day');
  const set = (change: Record<string, string>) => setSearch((before) => {
    const next = new URLSearchParams(before);
    for (const [name, value] of Object.entries(change)) next.set(name, value);
    return next;
  }, { replace: true });
  return {
    today, set,
    day: asked && /^\d{4}-\d{2}-\d{2}$/.test(asked) ? asked : today,
    span: (search.get('span') === 'week' ? 'week' : 'month') as Span,
    field: fields.find(({ name }) => name === search.get('date')) ?? fields[0],
  };
}

interface ItemProps {
  entity: Entity;
  field: Field;
  record: RecordRow;
  movable: boolean;
  changed: boolean;
}

/** Whom or what it is about, when its own name does not say. */
function aboutOf(record: RecordRow, title: string): string {
  const about = record._refs?.subject_id?.title ?? record._refs?.account_id?.title ?? '';
  return title.includes(about) ? '' : about;
}

/** Time and name; dragged with the pointer anywhere on it, with the keyboard by its handle. */
function Item({ entity, field, record, movable, changed }: ItemProps) {
  const { t } = useTranslation();
  const { company } = useSession();
  const place = placeOf(record, field, company.time_zone);
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, isDragging } = useDraggable({
    id: record.id, data: { record, day: place?.day }, disabled: !movable, attributes: { roleDescription: t('sorted.role') },
  });
  const title = titleOf(entity, record);
  const classes = ['calendar-item', isDragging ? 'left' : '', changed ? 'changed' : '', movable ? 'movable' : ''].filter(Boolean).join(' ');
  return (
    <li ref={setNodeRef} className={classes} onPointerDown={listeners?.onPointerDown as React.PointerEventHandler | undefined}>
      <span className="calendar-text">
        {place?.time && place.time !== '00:00' && <span className="t3">{place.time} </span>}
        <Link draggable={false} title={[title, aboutOf(record, title)].filter(Boolean).join(' · ')} to={recordPath(entity, record.id)}>{title}<span className="t3"> {aboutOf(record, title)}</span></Link>
      </span>
      {movable && (
        <button
          ref={setActivatorNodeRef} type="button" {...attributes} className="calendar-grip" aria-label={t('calendar.move', { record: title })}
          onKeyDown={listeners?.onKeyDown as React.KeyboardEventHandler | undefined}
        >
          <Icon name="grip" size={12} />
        </button>
      )}
    </li>
  );
}

interface DayProps {
  entity: Entity;
  field: Field;
  day: string;
  records: RecordRow[];
  most: number;
  today: string;
  outside: boolean;
  rest: string;
  changed: ReadonlySet<string>;
}

function Day({ entity, field, day, records, most, today, outside, rest, changed }: DayProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { isOver, setNodeRef } = useDroppable({ id: day });
  const shown = records.length > most ? records.slice(0, most - 1) : records;
  const classes = ['calendar-day', day === today ? 'today-day' : '', outside ? 'outside' : '', isOver ? 'over' : ''].filter(Boolean).join(' ');
  return (
    <section ref={setNodeRef} className={classes} aria-label={format.spokenDay(day)}>
      <h3>{day === today ? <b>{t('calendar.today')}</b> : Number(day.slice(8))}{records.length > 0 && <span className="t3">{records.length}</span>}</h3>
      <ul>
        {shown.map((record) => (
          <Item
            key={record.id} entity={entity} field={field} record={record} changed={changed.has(record.id)}
            movable={entity.actions.update && record._rights?.update !== false}
          />
        ))}
      </ul>
      {records.length > shown.length && <Link className="small-text" to={rest}>{t('calendar.more', { count: records.length - shown.length })}</Link>}
    </section>
  );
}

/** On a phone: the days as a small grid, below it what stands on the chosen one, moved by choosing a date. */
function Agenda({ entity, field, days, day, today, placed, onDay, onMove }: {
  entity: Entity; field: Field; days: string[]; day: string; today: string; placed: Map<string, RecordRow[]>;
  onDay: (day: string) => void; onMove: (record: RecordRow, day: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { company } = useSession();
  const records = placed.get(day) ?? [];
  return (
    <>
      <div className="calendar-small" role="group" aria-label={t('calendar.days')}>
        {days.map((of) => (
          <button
            key={of} type="button" aria-pressed={of === day} aria-label={`${format.spokenDay(of)} ${placed.get(of)?.length ?? 0}`}
            className={[of === day ? 'on' : '', of === today ? 'today-day' : '', of.slice(0, 7) === day.slice(0, 7) ? '' : 'outside'].join(' ')} onClick={() => onDay(of)}
          >
            {Number(of.slice(8))}<i className={placed.has(of) ? 'some' : ''} />
          </button>
        ))}
      </div>
      <h2 className="calendar-agenda-head">{format.dayHead(day)}</h2>
      {records.length === 0 && <p className="t2 pad">{t('calendar.nothing')}</p>}
      <ul className="calendar-agenda">
        {records.map((record) => {
          const title = titleOf(entity, record);
          return (
            <li key={record.id}>
              <span className="t3">{placeOf(record, field, company.time_zone)?.time}</span>
              <Link className="grow ellipsis" to={recordPath(entity, record.id)}>{title}<span className="t3"> {aboutOf(record, title)}</span></Link>
              {entity.actions.update && record._rights?.update !== false && (
                <input type="date" value={day} aria-label={t('calendar.move', { record: title })} onChange={(event) => event.target.value && onMove(record, event.target.value)} />
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** Records on the days of a month or a week; dragged to another day, with undo. */
export default function Calendar({ entity, where }: ViewFormProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const phone = useSize() === 'phone';
  const changed = useChangedRecords();
  const { company } = useSession();
  const fields = useMemo(() => dateFields(entity), [entity]);
  const { today, day, span, field = fields[0]!, set } = useView(fields);
  const days = useMemo(() => daysInView(day, span), [day, span]);
  const { data, error, isPending, refetch, move, asked } = useCalendar(entity, field, days, where);
  const [lifted, setLifted] = useState<RecordRow | null>(null);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }), useSensor(KeyboardSensor, { coordinateGetter: toNeighbour }),
  );
  const placed = useMemo(() => byDay(data?.records ?? [], field, company.time_zone), [data, field, company.time_zone]);
  const drop = ({ active, over }: DragEndEvent) => {
    setLifted(null);
    const given = active.data.current as { record: RecordRow; day: string } | undefined;
    if (given && over && over.id !== given.day) move(given.record, String(over.id));
  };
  if (error && !data) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (isPending || !data) return <SkeletonRows />;
  const rest = (of: string) => linkTo(entity.plural, whereInView(field, of, of, company.time_zone, where));
  const heads = days.slice(0, 7).map((of) => format.weekday(of));
  return (
    <div className="calendar">
      <div className="calendar-bar">
        <IconButton small icon="left" label={t(`calendar.previous_${span}`)} onClick={() => set({ day: turned(day, span, -1) })} />
        <IconButton small icon="right" label={t(`calendar.next_${span}`)} onClick={() => set({ day: turned(day, span, 1) })} />
        <Button size="small" onClick={() => set({ day: today })}>{t('calendar.today')}</Button>
        <b>{format.month(day)}</b>
        <span className="grow" />
        {fields.length > 1 && (
          <Select
            size="small" aria-label={t('calendar.by')} value={field.name} popupMatchSelectWidth={false}
            options={fields.map(({ name, label }) => ({ value: name, label }))} onChange={(name) => set({ date: name })}
          />
        )}
        <div className="segments calendar-spans" role="group" aria-label={t('calendar.span')}>
          {(['month', 'week'] as const).map((name) => (
            <button key={name} type="button" className={name === span ? 'on' : undefined} aria-pressed={name === span} onClick={() => set({ span: name })}>{t(`calendar.${name}`)}</button>
          ))}
        </div>
      </div>
      {data.more && <p className="notice warn calendar-note"><span>{t('calendar.too_many', { count: data.records.length })} <Link to={linkTo(entity.plural, asked)}>{t('calendar.as_list')}</Link></span></p>}
      <div className="calendar-heads" aria-hidden="true">{heads.map((head) => <span key={head}>{head}</span>)}</div>
      {phone ? (
        <Agenda entity={entity} field={field} days={days} day={day} today={today} placed={placed} onDay={(of) => set({ day: of })} onMove={move} />
      ) : (
        <DndContext
          sensors={sensors} collisionDetection={underPointer} accessibility={{ screenReaderInstructions: { draggable: t('calendar.instructions') } }}
          onDragStart={({ active }) => setLifted((active.data.current as { record: RecordRow }).record)} onDragEnd={drop} onDragCancel={() => setLifted(null)}
        >
          <div className={`calendar-days ${span}`}>
            {days.map((of) => (
              <Day
                key={of} entity={entity} field={field} day={of} records={placed.get(of) ?? []} most={span === 'week' ? 40 : 4} today={today}
                outside={span === 'month' && of.slice(0, 7) !== day.slice(0, 7)} rest={rest(of)} changed={changed}
              />
            ))}
          </div>
          <DragOverlay dropAnimation={null}>{lifted && <div className="calendar-item floating"><span className="ellipsis">{titleOf(entity, lifted)}</span></div>}</DragOverlay>
        </DndContext>
      )}
    </div>
  );
}
