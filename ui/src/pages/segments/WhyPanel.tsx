import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entity } from '@/api/types';
import { Reasons } from '@/condition/Reasons';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { useWhy, type SegmentRow } from './segments';

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
          {data.why ? <Reasons reason={data.why} /> : <p className="t2">{t('segment.by_hand')}</p>}
        </div>
      )}
    </section>
  );
}
