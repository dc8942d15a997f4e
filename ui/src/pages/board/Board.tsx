import { useEffect, useMemo, useRef, useState } from 'react';
import { Select } from 'antd';
import {
  DndContext, DragOverlay, KeyboardSensor, PointerSensor, pointerWithin, rectIntersection, useSensor, useSensors,
  type CollisionDetection, type DragEndEvent, type KeyboardCoordinateGetter,
} from '@dnd-kit/core';
import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useAllRecords } from '@/api/records';
import type { Condition, Entity, RecordRow } from '@/api/types';
import { nameIn } from '@/field/references';
import { useSize } from '@/app/preferences';
import type { ViewFormProps } from '@/app/registry';
import { useFormat } from '@/format/useFormat';
import { useChangedRecords } from '@/live/useLive';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { sumOf, type BoardColumn, type BoardData } from './board';
import { CardFace } from './Card';
import { Column } from './Column';
import { useBoard } from './useBoard';
import './board.css';

/** Left and right go to the neighbouring stage. */
const toNeighbour: KeyboardCoordinateGetter = (event, { currentCoordinates, context }) => {
  const step = event.code === 'ArrowRight' ? 1 : event.code === 'ArrowLeft' ? -1 : 0;
  if (step === 0) return undefined;
  event.preventDefault();
  const places = context.droppableContainers.getEnabled()
    .flatMap(({ id }) => { const rect = context.droppableRects.get(id); return rect ? [{ id, rect }] : []; })
    .sort((a, b) => a.rect.left - b.rect.left || a.rect.top - b.rect.top);
  const over = context.over?.id ?? context.active?.data.current?.stage?.id;
  const next = places[places.findIndex(({ id }) => id === over) + step];
  return next ? { x: next.rect.left + 8, y: next.rect.top + 8 } : currentCoordinates;
};

/** Where the pointer is decides; the keyboard has none, there the card does. */
const underPointer: CollisionDetection = (given) => (given.pointerCoordinates ? pointerWithin(given) : rectIntersection(given));

function Summary({ board }: { board: BoardData }) {
  const { t } = useTranslation();
  const format = useFormat();
  const open = board.columns.filter(({ stage }) => stage.kind === 'open');
  const currency = board.columns[0]?.sum.currency ?? 'CNY';
  return (
    <span className="dense t2">
      {t('board.open_sum')} <b>{format.shortMoney(sumOf(currency, open.map(({ sum }) => sum)))}</b>
      {' · '}{t('board.weighted', { sum: '' })}<b>{format.shortMoney(sumOf(currency, open.map(({ weighted }) => weighted)))}</b>
    </span>
  );
}

function PipelineSelect({ current }: { current: BoardData['pipeline'] | undefined }) {
  const { t, i18n } = useTranslation();
  const [, setSearch] = useSearchParams();
  const { data } = useAllRecords('pipelines', { sort: 'name' });
  const pipelines = data?.data ?? [];
  if (pipelines.length < 2) return <span className="dense strong">{current?.name}</span>;
  return (
    <Select
      size="small" aria-label={t('board.pipeline')} value={current?.id} popupMatchSelectWidth={false}
      options={pipelines.map((pipeline) => ({ value: pipeline.id, label: nameIn(pipeline, i18n.language) }))}
      onChange={(id) => setSearch((before) => { const next = new URLSearchParams(before); next.set('pipeline', id); return next; })}
    />
  );
}

interface ColumnsProps {
  entity: Entity;
  board: BoardData;
  where: Condition | null;
  onMove: (deal: RecordRow, stage: BoardColumn['stage']) => void;
}

/** One stage at a time, chosen above. */
function PhoneColumns({ entity, board, where, onMove }: ColumnsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const changed = useChangedRecords();
  const [search, setSearch] = useSearchParams();
  const chosen = board.columns.find(({ stage }) => stage.id === search.get('stage')) ?? board.columns[0];
  const choose = (id: string) => setSearch((before) => { const next = new URLSearchParams(before); next.set('stage', id); return next; }, { replace: true });
  return (
    <>
      <div className="tabs board-tabs" role="group" aria-label={t('board.stages')}>
        {board.columns.map(({ stage, count }) => (
          <button key={stage.id} type="button" className={stage === chosen?.stage ? 'on' : ''} aria-pressed={stage === chosen?.stage} onClick={() => choose(stage.id)}>
            {stage.name}<span className="n">{format.count(count)}</span>
          </button>
        ))}
      </div>
      {chosen && (
        <Column
          key={chosen.stage.id} entity={entity} column={chosen} stages={board.columns.map(({ stage }) => stage)} where={where}
          changed={changed} movable={entity.actions.update} phone onMove={onMove}
        />
      )}
    </>
  );
}

/** All stages beside each other; won and lost share the last place. */
function WideColumns({ entity, board, where, onMove }: ColumnsProps) {
  const changed = useChangedRecords();
  const stages = board.columns.map(({ stage }) => stage);
  const draw = (column: BoardColumn) => (
    <Column
      key={column.stage.id} entity={entity} column={column} stages={stages} where={where} changed={changed}
      movable={entity.actions.update} phone={false} onMove={onMove}
    />
  );
  const closed = board.columns.filter(({ stage }) => stage.kind !== 'open');
  return (
    <div className="board-columns">
      {board.columns.filter(({ stage }) => stage.kind === 'open').map(draw)}
      {closed.length > 0 && <div className="board-closed">{closed.map(draw)}</div>}
    </div>
  );
}

function useAnnouncements() {
  const { t } = useTranslation();
  return useMemo(() => {
    const deal = (given: unknown) => String((given as { deal?: RecordRow } | undefined)?.deal?.name ?? '');
    const stage = (given: unknown) => (given as { stage?: { name: string } } | undefined)?.stage?.name ?? '';
    return {
      screenReaderInstructions: { draggable: t('board.instructions') },
      announcements: {
        onDragStart: ({ active }) => t('board.lifted', { deal: deal(active.data.current) }),
        onDragOver: ({ over }) => (over ? t('board.over', { stage: stage(over.data.current) }) : undefined),
        onDragEnd: ({ over }) => (over ? t('board.dropped', { stage: stage(over.data.current) }) : t('board.cancelled')),
        onDragCancel: () => t('board.cancelled'),
      },
    } satisfies React.ComponentProps<typeof DndContext>['accessibility'];
  }, [t]);
}

/** A card that was moved by keys is drawn anew in its column, after what was asked on the way: the focus goes there too. */
function useFocusMoved(board: BoardData | undefined, asking: boolean) {
  const moved = useRef<string | null>(null);
  useEffect(() => {
    const id = moved.current;
    if (!id || asking) return undefined;
    const frame = requestAnimationFrame(() => {
      moved.current = null;
      if (document.activeElement === document.body) document.querySelector<HTMLElement>(`[data-deal="${id}"] .board-grip`)?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, [board, asking]);
  return moved;
}

/** Deals of a pipeline by stage. */
export default function Board({ entity, where }: ViewFormProps) {
  const phone = useSize() === 'phone';
  const [search] = useSearchParams();
  const { data: board, error, isPending, refetch, move, dialog } = useBoard(where, search.get('pipeline'));
  const [lifted, setLifted] = useState<{ deal: RecordRow; stage: BoardColumn['stage'] } | null>(null);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: toNeighbour }),
  );
  const accessibility = useAnnouncements();
  const moved = useFocusMoved(board, !!dialog);
  const drop = ({ active, over, activatorEvent }: DragEndEvent) => {
    setLifted(null);
    moved.current = activatorEvent instanceof KeyboardEvent ? String(active.id) : null;
    const deal = active.data.current?.deal as RecordRow | undefined;
    const to = over?.data.current?.stage as BoardColumn['stage'] | undefined;
    if (deal && to && to.id !== deal.stage_id) move(deal, to);
  };
  if (error && !board) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (isPending || !board) return <SkeletonRows />;
  const columns = { entity, board, where, onMove: move };
  return (
    <div className="board">
      <div className="board-bar"><PipelineSelect current={board.pipeline} /><span className="grow" /><Summary board={board} /></div>
      {phone ? <PhoneColumns {...columns} /> : (
        <DndContext
          sensors={sensors} collisionDetection={underPointer} accessibility={accessibility}
          onDragStart={({ active }) => setLifted(active.data.current as typeof lifted)}
          onDragEnd={drop} onDragCancel={() => setLifted(null)}
        >
          <WideColumns {...columns} />
          <DragOverlay dropAnimation={null}>
            {lifted && <div className="board-card floating"><CardFace entity={entity} deal={lifted.deal} stage={lifted.stage} floating /></div>}
          </DragOverlay>
        </DndContext>
      )}
      {dialog}
    </div>
  );
}
