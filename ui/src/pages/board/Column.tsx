import { useDroppable } from '@dnd-kit/core';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import type { Condition, Entity, RecordRow } from '@/api/types';
import { bothOf } from '@/condition/draft';
import { useFormat } from '@/format/useFormat';
import { isStalled, type BoardColumn } from './board';
import { Card } from './Card';

interface Props {
  entity: Entity;
  column: BoardColumn;
  stages: BoardColumn['stage'][];
  where: Condition | null;
  changed: ReadonlySet<string>;
  movable: boolean;
  phone: boolean;
  onMove: (deal: RecordRow, stage: BoardColumn['stage']) => void;
}

export function listOf(where: Condition | null, stageId: string): string {
  const condition = bothOf(where, { field: 'stage_id', op: 'eq', value: stageId });
  return `/opportunities?where=${encodeURIComponent(JSON.stringify(condition))}`;
}

/** Count, sum and weighted sum of a stage. */
function ColumnHead({ column, where, phone }: Pick<Props, 'column' | 'where' | 'phone'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { stage, count, sum, weighted } = column;
  const { figure, unit } = format.shortParts(sum.amount);
  const stalled = column.cards.filter((deal) => isStalled(deal, stage, Date.now())).length;
  const apart = [
    stalled > 0 ? t('board.count_stalled', { count: stalled }) : '',
    column.unknown_amounts > 0 ? t('board.without_amount', { count: column.unknown_amounts }) : '',
    column.other_currencies ? t('board.other_currencies', { count: column.other_currencies }) : '',
  ].filter(Boolean);
  return (
    <header className="board-head">
      {!phone && (
        <h2 className="row">
          <span className="ellipsis">{stage.name}</span>
          {stage.kind === 'open' && <span className="t3 small-text regular nowrap">{t('board.chance', { rate: format.percent(stage.probability) })}</span>}
          <Link className="small-text" to={listOf(where, stage.id)} aria-label={t('board.open_list', { stage: stage.name })}>{format.count(count)}</Link>
        </h2>
      )}
      <p className="row dense">
        <span className="board-sum">{figure}{unit && <span className="unit"> {unit}</span>}</span>
        {stage.kind === 'open' && <span className="t2 ellipsis">{t('board.weighted', { sum: format.shortMoney(weighted) })}</span>}
      </p>
      <p className="small-text t3 ellipsis" title={apart.join('，')}>{apart.join(' · ') || ' '}</p>
    </header>
  );
}

/** One stage: a place to drop, with its cards; the rest of them is one link away. */
export function Column(props: Props) {
  const { column, where, changed, ...rest } = props;
  const { t } = useTranslation();
  const { stage, cards, count } = column;
  const { setNodeRef, isOver, active } = useDroppable({ id: stage.id, data: { stage } });
  const target = isOver && active?.data.current?.stage?.id !== stage.id;
  return (
    <section ref={setNodeRef} className={`board-column ${stage.kind} ${target ? 'target' : ''}`} aria-label={stage.name}>
      <ColumnHead column={column} where={where} phone={rest.phone} />
      <ul className="board-cards">
        {target && <li className="board-gap" aria-hidden="true" />}
        {cards.map((deal) => <Card key={deal.id} deal={deal} stage={stage} changed={changed.has(deal.id)} {...rest} />)}
        {cards.length === 0 && !target && <li className="t3 dense board-none">{t('board.none')}</li>}
        {count > cards.length && (
          <li><Link className="dense" to={listOf(where, stage.id)}>{t('board.more', { count: count - cards.length })}</Link></li>
        )}
      </ul>
    </section>
  );
}
