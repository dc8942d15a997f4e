import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entity } from '@/api/types';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { useWhy, type Reason, type SegmentRow } from './segments';

function ReasonLine({ reason }: { reason: Reason }) {
  const { t } = useTranslation();
  const parts = reason.all ?? reason.any ?? (reason.not ? [reason.not] : null);
  const words = reason.words ?? t(reason.all ? 'condition.mode_all' : reason.any ? 'condition.mode_any' : 'condition.mode_none');
  return (
    <li>
      <span className={reason.holds ? 'ok-text' : 't3'}><Icon name={reason.holds ? 'check' : 'close'} size={14} /><span className="visually-hidden">{t(reason.holds ? 'segment.holds' : 'segment.fails')}</span> {words}</span>
      {parts && <ul>{parts.map((part, index) => <ReasonLine key={index} reason={part} />)}</ul>}
    </li>
  );
}

/** Why somebody is in the segment or not, part by part. */
export function WhyPanel({ segment, entity }: { segment: SegmentRow; entity: Entity }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [record, setRecord] = useState<string | null>(null);
  const { data, error } = useWhy(segment.id, record);
  return (
    <section className="section">
      <div className="section-head"><h2>{t('segment.why')}</h2></div>
      <ReferenceSelect target={entity.name} label={t('segment.why_who', { what: entity.label })} everything={t('segment.why_who', { what: entity.label })} value={record} onChange={setRecord} />
      {error && <ErrorNotice error={error} />}
      {data && (
        <div className="segment-why">
          <p><b>{t(data.member ? 'segment.is_in' : 'segment.is_out')}</b>{data.since && <span className="t2"> {t('segment.since', { at: format.instant(data.since) })}</span>}</p>
          {data.next && <p className="t2 dense">{t('segment.next', { at: format.instant(data.next) })}</p>}
          {data.why ? <ul><ReasonLine reason={data.why} /></ul> : <p className="t2">{t('segment.by_hand')}</p>}
        </div>
      )}
    </section>
  );
}
