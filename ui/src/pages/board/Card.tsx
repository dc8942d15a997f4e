import { Dropdown } from 'antd';
import { useDraggable } from '@dnd-kit/core';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { fieldOf, recordPath } from '@/api/meta';
import type { Entity, Money, RecordRow } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { nothing } from '@/format/format';
import { Icon } from '@/part/Icon';
import { daysInStage, isStalled, type BoardColumn } from './board';

interface FaceProps {
  entity: Entity;
  deal: RecordRow;
  stage: BoardColumn['stage'];
  /** Dragged: the card that floats, without a link. */
  floating?: boolean;
}

/** What comes next, or why it needs a look. */
function NextLine({ deal, stage }: Omit<FaceProps, 'entity'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const days = daysInStage(deal, Date.now());
  if (isStalled(deal, stage, Date.now())) {
    return <span className="warn ellipsis grow">{t('board.stalled', { days: days ?? 0, usual: stage.usual_days ?? 0 })}</span>;
  }
  if (stage.kind !== 'open') return <span className="t2 ellipsis grow">{deal._refs?.lost_reason_id?.title ?? ''}</span>;
  const next = typeof deal.next_step === 'string' && deal.next_step ? deal.next_step : null;
  const at = typeof deal.next_follow_up_at === 'string' ? format.day(deal.next_follow_up_at) : null;
  return <span className="t2 ellipsis grow">{[at, next].filter(Boolean).join(' ') || t('board.no_next')}</span>;
}

export function CardFace({ entity, deal, stage, floating }: FaceProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const amount = deal.amount as Money | null | undefined;
  const closes = (stage.kind === 'open' ? deal.expected_close_date : deal.closed_date ?? deal.expected_close_date) as string | null;
  const late = stage.kind === 'open' && closes !== null && format.daysFrom(closes, format.dayKey(new Date())) < 0;
  const days = daysInStage(deal, Date.now());
  const owner = deal._refs?.owner_id?.title;
  const grade = fieldOf(entity, 'grade')?.options?.find(({ code }) => code === deal.grade);
  return (
    <>
      {floating
        ? <b className="ellipsis">{String(deal.name)}</b>
        : <Link className="board-title ellipsis" draggable={false} to={recordPath(entity, deal.id)}>{String(deal.name)}</Link>}
      <span className="t2 ellipsis">{deal._refs?.account_id?.title ?? nothing}</span>
      <span className="row">
        {grade && <span className={`pill ${grade.tone ?? 'idle'}`} title={t('grade.pill', { grade: grade.label })}>{grade.label}</span>}
        <b className="grow">{amount ? format.shortMoney(amount) : <span className="t3">{t('board.no_amount')}</span>}</b>
        {closes && <span className={late ? 'bad' : 't2'} title={late ? t('board.late') : undefined}>{format.date(closes)}</span>}
      </span>
      <span className="row small-text">
        <NextLine deal={deal} stage={stage} />
        {days !== null && stage.kind === 'open' && !isStalled(deal, stage, Date.now()) && <span className="t2 nowrap">{t('board.days', { count: days })}</span>}
        {owner && <span className="avatar small" title={owner}>{owner.slice(0, 1)}</span>}
      </span>
    </>
  );
}

interface Props extends FaceProps {
  stages: BoardColumn['stage'][];
  changed: boolean;
  /** Nothing is moved by somebody who may not change deals. */
  movable: boolean;
  /** On a phone the card is moved by a menu instead of by dragging. */
  phone: boolean;
  onMove: (deal: RecordRow, stage: BoardColumn['stage']) => void;
}

/** A deal on the board: dragged with the pointer anywhere on it, with the keyboard by its handle. */
export function Card({ entity, deal, stage, stages, changed, movable, phone, onMove }: Props) {
  const { t } = useTranslation();
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, isDragging } = useDraggable({
    id: deal.id, data: { deal, stage }, disabled: !movable || phone, attributes: { roleDescription: t('sorted.role') },
  });
  const classes = [
    'board-card', isStalled(deal, stage, Date.now()) ? 'stalled' : '', isDragging ? 'left' : '', changed ? 'changed' : '',
    movable && !phone ? 'movable' : '',
  ].filter(Boolean).join(' ');
  const label = t('board.move_card', { deal: String(deal.name) });
  return (
    <li ref={setNodeRef} className={classes} data-deal={deal.id} onPointerDown={listeners?.onPointerDown as React.PointerEventHandler | undefined}>
      <CardFace entity={entity} deal={deal} stage={stage} />
      {movable && (phone ? (
        <Dropdown
          trigger={['click']} placement="bottomRight"
          menu={{ items: stages.filter(({ id }) => id !== stage.id).map((to) => ({ key: to.id, label: to.name, onClick: () => onMove(deal, to) })) }}
        >
          <button type="button" className="icon-button board-move" aria-label={label}><Icon name="more" /></button>
        </Dropdown>
      ) : (
        <button
          ref={setActivatorNodeRef} type="button" {...attributes} className="icon-button small board-grip" aria-label={label}
          onKeyDown={listeners?.onKeyDown as React.KeyboardEventHandler | undefined}
        >
          <Icon name="grip" size={14} />
        </button>
      ))}
    </li>
  );
}
