import { memo } from 'react';
import { Radio, Tooltip } from 'antd';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { recordPath } from '@/api/meta';
import type { Entity, Field, RecordRow } from '@/api/types';
import { FieldValue } from '@/field/FieldValue';
import { titleOf } from '@/field/references';
import { keptSide, linesOf, markOf, partsOf, sides, type Draft, type Line, type Pair, type Side } from './pairs';

interface Props {
  entity: Entity;
  pair: Pair;
  draft: Draft;
  onDraft: (pair: Pair, draft: Draft) => void;
}

const marks = {
  equal: 'status ok', alike: 'status ok', near: 'status info', similar: 'status info ring', different: 'status warn', missing: 't3',
} as const;

/** +4.0, −1.2 */
function signed(bits: number): string {
  return `${bits < 0 ? '−' : '+'}${Math.abs(bits).toFixed(1)}`;
}

/** How alike a field's two values are; what it adds to the verdict on hover. */
function Mark({ line }: { line: Line }) {
  const { t } = useTranslation();
  const mark = markOf(line);
  if (!mark) return null;
  const adds = line.reason ? t('duplicates.bits', { bits: signed(line.reason.bits) }) : t('duplicates.not_compared');
  return (
    <Tooltip title={adds}>
      <span className={marks[mark]}>{t(`duplicates.level_${mark}`)}<span className="visually-hidden"> {adds}</span></span>
    </Tooltip>
  );
}

const spelled = new Set<Field['type']>(['text', 'phone', 'email', 'url']);

/** A value; where the other's differs, what is its own is underlined. */
function Shown({ line: { field, differs }, record, other }: { line: Line; record: RecordRow; other: RecordRow }) {
  const [own, its] = [record[field.name], other[field.name]];
  if (!differs || !spelled.has(field.type) || typeof own !== 'string' || typeof its !== 'string') return <FieldValue field={field} record={record} />;
  const [start, middle, end] = partsOf(own, its);
  return <span>{start}{middle && <mark>{middle}</mark>}{end}</span>;
}

function Head({ entity, pair, draft, side, onWinner }: Omit<Props, 'onDraft'> & { side: Side; onWinner: () => void }) {
  const { t } = useTranslation();
  const record = pair.records[side];
  const stays = draft.winner === side;
  const title = titleOf(entity, record);
  const gone = pair.state === 'merged' && !stays;
  return (
    <div role="columnheader" className="pair-head">
      {pair.state === 'open' && <Radio name={`winner-${pair.id}`} checked={stays} onChange={onWinner}>{t('duplicates.keep')}</Radio>}
      {gone ? <b>{title}</b> : <Link to={recordPath(entity, record.id)}>{title}</Link>}
      {pair.state === 'merged' && <span className={stays ? 'pill ok' : 'pill'}>{t(stays ? 'duplicates.kept' : 'duplicates.gone')}</span>}
    </div>
  );
}

interface CellProps {
  pair: Pair;
  line: Line;
  draft: Draft;
  side: Side;
  onKeep: (side: Side) => void;
}

function Cell({ pair, line, draft, side, onKeep }: CellProps) {
  const { t } = useTranslation();
  const open = pair.state === 'open';
  const value = <Shown line={line} record={pair.records[side]} other={pair.records[side === 0 ? 1 : 0]} />;
  const kept = keptSide(line, draft) === side;
  return (
    <div role="cell" className={line.differs ? 'pair-value differs' : 'pair-value'}>
      {open && line.choosable
        ? <Radio name={`${line.field.name}-${pair.id}`} checked={kept} onChange={() => onKeep(side)}>{value}</Radio>
        : <span className="pair-text">{value}</span>}
      {open && !line.field.system && kept && !line.has[draft.winner] && <span className="pill">{t('duplicates.filled')}</span>}
    </div>
  );
}

/** The two records beside each other, field by field: what differs, why they may be one, whose value stays. */
export const Comparison = memo(function Comparison({ entity, pair, draft, onDraft }: Props) {
  const { t } = useTranslation();
  return (
    <div role="table" className={`pair-table ${pair.state}`} aria-label={t('duplicates.pair_of', { a: titleOf(entity, pair.records[0]), b: titleOf(entity, pair.records[1]) })}>
      <div role="row" className="pair-row heads">
        <div role="columnheader" className="pair-label"><span className="visually-hidden">{t('duplicates.field')}</span></div>
        {sides.map((side) => (
          <Head key={side} entity={entity} pair={pair} draft={draft} side={side} onWinner={() => onDraft(pair, { ...draft, winner: side })} />
        ))}
        <div role="columnheader" className="pair-mark">{t('duplicates.grounds')}</div>
      </div>
      {linesOf(entity, pair).map((line) => (
        <div key={line.field.name} role="row" className="pair-row">
          <div role="rowheader" className="pair-label">{line.field.label}</div>
          {sides.map((side) => (
            <Cell
              key={side} pair={pair} line={line} draft={draft} side={side}
              onKeep={(kept) => onDraft(pair, { ...draft, kept: { ...draft.kept, [line.field.name]: kept } })}
            />
          ))}
          <div role="cell" className="pair-mark"><Mark line={line} /></div>
        </div>
      ))}
    </div>
  );
});
