import type { Ref } from 'react';
import { Button } from 'antd';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { fieldOf, recordPath, useModel } from '@/api/meta';
import { useRecord } from '@/api/records';
import type { Entity, HomeItem, RecordRow, Slip } from '@/api/types';
import { stateField } from '@/field/editable';
import { FieldValue, Pill } from '@/field/FieldValue';
import { Composer } from '@/record/Composer';
import { HandoverAnswer } from '@/record/HandoverAnswer';
import { HandoverStory } from '@/record/HandoverStory';
import { Revealable } from '@/record/Revealable';
import { Timeline } from '@/record/Timeline';
import { titleOf } from '@/field/references';
import { Icon } from '@/part/Icon';
import { SkeletonLines } from '@/part/Skeleton';
import { useNextAct, useSlipWords } from './Slip';
import { canWait } from './queue';
import { subjectOf } from './useQueue';

/** What one wants to know before the call, in this order, as far as the type has it. */
const factNames = [
  'company_name', 'job_title', 'phone', 'account_id', 'stage_id', 'amount', 'expected_close_date', 'product_interest', 'next_step',
  'source', 'region', 'assignment_reason', 'description',
];

function FactLines({ entity, record }: { entity: Entity; record: RecordRow }) {
  const fields = factNames.flatMap((name) => fieldOf(entity, name) ?? [])
    .filter((field) => record[field.name] !== null && record[field.name] !== undefined && record[field.name] !== '');
  return (
    <dl className="facts-list">
      {fields.map((field) => (
        <div key={field.name}>
          <dt>{field.label}</dt>
          <dd>
            {record._masked?.includes(field.name)
              ? <Revealable entity={entity} field={field} record={record} />
              : <FieldValue field={field} record={record} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Why the deal is about to slip, from how many cases one knows, and what is next. */
function SlipNotice({ slip, deal }: { slip: Slip; deal: RecordRow }) {
  const { t } = useTranslation();
  const words = useSlipWords();
  const nextAct = useNextAct();
  return (
    <div className="notice warn pane-slip">
      <b className="dense">{words(slip)}</b>
      <p>{nextAct(deal)}</p>
      {slip.stay && <p className="small-text t3">{slip.stay.cases > 0 ? t('home.slip_cases', { count: slip.stay.cases }) : t('home.slip_setting')}</p>}
    </div>
  );
}

interface Props {
  item: HomeItem;
  onDone: () => void;
  onFinish: () => void;
  onPostpone: () => void;
  ref: Ref<HTMLDivElement>;
}

/** The chosen item, opened beside the queue: what one needs to know, and where the result is written. */
export default function WorkPane({ item, onDone, onFinish, onPostpone, ref }: Props) {
  const { t } = useTranslation();
  const model = useModel();
  const subject = subjectOf(model, item);
  const { data: record } = useRecord(subject?.entity.plural ?? '', subject?.id);
  if (!subject) return null;
  const { entity } = subject;
  const state = stateField(entity);
  const option = record && state?.options?.find((candidate) => candidate.code === record[state.name]);
  return (
    <section ref={ref} className="pane" aria-label={titleOf(model.named(item.entity), item.record)}>
      <div className="pane-body">
        {!record && <SkeletonLines count={8} />}
        {record && (
          <>
            <div className="row">
              <h2 className="pane-title ellipsis">{titleOf(entity, record)}</h2>
              {option && <Pill option={option} />}
              <span className="grow" />
              {canWait(item) && <Button size="small" onClick={onPostpone}>{t('home.postpone')}<kbd>H</kbd></Button>}
              <Link className="icon-button" to={recordPath(entity, record.id)} aria-label={t('home.open_record')}><Icon name="open" /></Link>
            </div>
            {item.entity === 'task' && (
              <div className="pane-task row">
                <Icon name="check" size={14} /><span className="grow">{item.title}</span>
                <Button size="small" onClick={onFinish}>{t('home.finish')}</Button>
              </div>
            )}
            {item.kind === 'handover' && (
              <div className="notice pane-slip"><HandoverStory handover={item.record} /><HandoverAnswer handover={item.record} onDone={onDone} /></div>
            )}
            {item.slip && <SlipNotice slip={item.slip} deal={record} />}
            <FactLines entity={entity} record={record} />
            {entity.timeline && <Timeline entity={entity} record={record} />}
          </>
        )}
      </div>
      {record && entity.timeline && (
        <div className="pane-foot"><Composer entity={entity} record={record} onDone={onDone} /></div>
      )}
    </section>
  );
}
