import type { ReactNode } from 'react';
import {
  DndContext, KeyboardSensor, PointerSensor, rectIntersection, useDraggable, useDroppable, useSensor, useSensors,
  type DragEndEvent, type KeyboardCoordinateGetter,
} from '@dnd-kit/core';
import { useTranslation } from 'react-i18next';
import { Icon } from './Icon';
import './sorted.css';

/** Up and down go to the neighbouring line. */
const toNeighbour: KeyboardCoordinateGetter = (event, { currentCoordinates, context }) => {
  const step = event.code === 'ArrowDown' ? 1 : event.code === 'ArrowUp' ? -1 : 0;
  if (step === 0) return undefined;
  event.preventDefault();
  const places = context.droppableContainers.getEnabled()
    .flatMap(({ id }) => { const rect = context.droppableRects.get(id); return rect ? [{ id, rect }] : []; })
    .sort((a, b) => a.rect.top - b.rect.top);
  const over = context.over?.id ?? (context.active ? `at:${context.active.id}` : undefined);
  const next = places[places.findIndex(({ id }) => id === over) + step];
  return next ? { x: currentCoordinates.x, y: next.rect.top } : currentCoordinates;
};

interface LineProps {
  id: string;
  name: string;
  index: number;
  movable: boolean;
  children: ReactNode;
}

function SortedLine({ id, name, index, movable, children }: LineProps) {
  const { t } = useTranslation();
  const { attributes, listeners, setNodeRef: setDragRef, setActivatorNodeRef, isDragging, transform } = useDraggable({ id, data: { index, name }, disabled: !movable, attributes: { roleDescription: t('sorted.role') } });
  const { setNodeRef: setDropRef, isOver } = useDroppable({ id: `at:${id}`, data: { index, name } });
  return (
    <li ref={setDropRef} className={isOver && !isDragging ? 'over' : undefined}>
      <div ref={setDragRef} className={isDragging ? 'row wrap sorted-line dragged' : 'row wrap sorted-line'} style={transform ? { transform: `translateY(${transform.y}px)` } : undefined}>
        {movable && <button ref={setActivatorNodeRef} type="button" {...attributes} {...listeners} className="icon-button small sorted-grip" aria-label={t('sorted.drag', { name })}><Icon name="grip" size={14} /></button>}
        {children}
      </div>
    </li>
  );
}

interface Props<T> {
  items: T[];
  keyOf: (item: T) => string;
  nameOf: (item: T) => string;
  /** Whether the reader may change the order. */
  movable: boolean;
  onMove: (from: number, to: number) => void;
  children: (item: T, index: number) => ReactNode;
}

/** A list whose order counts, put in order by its grips with pointer, finger or keys. */
export function Sorted<T>({ items, keyOf, nameOf, movable, onMove, children }: Props<T>) {
  const { t } = useTranslation();
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 6 } }), useSensor(KeyboardSensor, { coordinateGetter: toNeighbour }));
  const drop = ({ active, over }: DragEndEvent) => {
    const from = active.data.current?.index as number | undefined;
    const to = over?.data.current?.index as number | undefined;
    if (from !== undefined && to !== undefined && from !== to) onMove(from, to);
  };
  const nameAt = (value: { current?: Record<string, unknown> } | undefined) => String(value?.current?.name ?? '');
  const accessibility: React.ComponentProps<typeof DndContext>['accessibility'] = {
    screenReaderInstructions: { draggable: t('sorted.how') },
    announcements: {
      onDragStart: ({ active }) => nameAt(active.data),
      onDragOver: ({ over }) => (over ? t('sorted.over', { name: nameAt(over.data) }) : undefined),
      onDragEnd: ({ over }) => (over ? t('sorted.dropped', { name: nameAt(over.data) }) : t('board.cancelled')),
      onDragCancel: () => t('board.cancelled'),
    },
  };
  return (
    <DndContext sensors={sensors} collisionDetection={rectIntersection} accessibility={accessibility} onDragEnd={drop}>
      <ol className="sorted-list">
        {items.map((item, index) => (
          <SortedLine key={keyOf(item)} id={keyOf(item)} name={nameOf(item)} index={index} movable={movable && items.length > 1}>{children(item, index)}</SortedLine>
        ))}
      </ol>
    </DndContext>
  );
}
