import { useState } from 'react';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useRecordApprovals, waitedFor } from '@/api/approvals';
import { fieldOf } from '@/api/meta';
import type { Entity, RecordRow } from '@/api/types';
import { useSaveField } from '@/field/useSaveField';
import { useFormat } from '@/format/useFormat';
import { Path, type PathStep } from '@/part/Path';
import { useStages } from '@/sales/stages';
import { useStageMove } from '@/sales/useStageMove';
import { ConvertWizard } from './ConvertWizard';

/** What the next step waits for, where nobody overlooks it. */
function Waits({ plural, id }: { plural: string; id: string }) {
  const { t } = useTranslation();
  const { data } = useRecordApprovals(plural, id);
  const held = data?.data.find(({ state, may }) => state === 'pending' || state === 'returned' || may.apply);
  if (!held) return null;
  const about = held.verb === 'convert' ? 'convert' : 'approvals';
  const words = held.state === 'pending' ? t(`${about}.waits_for`, { names: waitedFor(held).join(t('approvals.comma')) }) : held.state === 'returned' ? t(`${about}.was_returned`) : t(`${about}.not_carried_out`);
  return <p className="path-note small-text"><span className={`status ${held.state === 'pending' ? 'ring' : 'warn'}`}>{words}</span> <Link className="inline" to={`/approvals/${held.id}`}>{held.process}</Link></p>;
}

function DealPath({ record }: { record: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const pipeline = typeof record.pipeline_id === 'string' ? record.pipeline_id : null;
  const { data: stages = [] } = useStages(pipeline);
  const { move, dialog } = useStageMove();
  const since = typeof record.stage_entered_at === 'string' ? format.daysFrom(format.dayKey(new Date()), format.dayKey(record.stage_entered_at)) : null;
  const lost = record.state === 'lost';
  const shown = stages.filter((stage) => stage.kind !== 'lost' || lost || record._rights?.update !== false);
  const steps: PathStep[] = shown.map((stage) => ({
    id: stage.id, label: stage.name,
    note: stage.id === record.stage_id && since !== null && stage.kind === 'open' ? t('record.day_n', { count: since + 1 }) : undefined,
  }));
  if (steps.length === 0) return null;
  const go = (id: string) => {
    const stage = stages.find((candidate) => candidate.id === id);
    if (stage) move(record, stage);
  };
  return (
    <div className="path-bar">
      <Path steps={steps} current={String(record.stage_id)} onStep={record._rights?.update === false ? undefined : go} />
      {record.state === 'open' && <Waits plural="opportunities" id={record.id} />}
      {dialog}
    </div>
  );
}

const leadPath = ['new', 'working', 'nurturing', 'converted'];

/** Where a lead stands; the last step is the conversion itself. */
function LeadPath({ entity, record }: { entity: Entity; record: RecordRow }) {
  const save = useSaveField(entity);
  const [converting, setConverting] = useState(false);
  const field = fieldOf(entity, 'status');
  const status = String(record.status);
  if (!field || !leadPath.includes(status)) return null;
  const steps = leadPath.flatMap((code) => {
    const option = field.options?.find((candidate) => candidate.code === code);
    return option && (code !== 'nurturing' || status === 'nurturing') ? [{ id: code, label: option.label }] : [];
  });
  const open = field.writable && status !== 'converted' && record._rights?.update !== false;
  const go = (code: string) => (code === 'converted' ? setConverting(true) : void save(record, field, code));
  return (
    <div className="path-bar">
      <Path steps={steps} current={status} onStep={open ? go : undefined} />
      {open && <Waits plural="leads" id={record.id} />}
      {converting && <ConvertWizard lead={record} onClose={() => setConverting(false)} />}
    </div>
  );
}

/** The path of types that have stages. */
export function RecordPathBar({ entity, record }: { entity: Entity; record: RecordRow }) {
  if (entity.name === 'opportunity') return <DealPath record={record} />;
  if (entity.name === 'lead') return <LeadPath entity={entity} record={record} />;
  return null;
}
