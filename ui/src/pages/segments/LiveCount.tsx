import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { recordPath } from '@/api/meta';
import type { Condition, Entity, RecordRow } from '@/api/types';
import { linkTo } from '@/condition/where';
import { FieldValue } from '@/field/FieldValue';
import { titleOf } from '@/field/references';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { SkeletonLines } from '@/part/Skeleton';
import { usePreview } from './segments';

const told = ['company_name', 'region', 'industry', 'phone'];

function SampleLine({ entity, record }: { entity: Entity; record: RecordRow }) {
  const fields = told.flatMap((name) => entity.fields.find((field) => field.name === name && record[name] !== null && record[name] !== undefined) ?? []);
  return (
    <li>
      <Link to={recordPath(entity, record.id)}>{titleOf(entity, record)}</Link>
      <span className="t3 small-text segment-facts">{fields.map((field, index) => <span key={field.name}>{index > 0 && ' · '}<FieldValue field={field} record={record} /></span>)}</span>
    </li>
  );
}

/** How many the condition holds for while it is edited, and a few of them. */
export function LiveCount({ entity, condition }: { entity: Entity; condition: Condition | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { data, error, isFetching, refetch } = usePreview(entity.name, condition);
  if (error) {
    const refused = error instanceof ApiError && error.status === 422;
    return <section className="section" role="status">{refused ? <p className="t2">{t('segment.not_yet')} {errorText(error)}</p> : <ErrorNotice error={error} onRetry={() => void refetch()} />}</section>;
  }
  if (!data) return <section className="section"><SkeletonLines count={4} /></section>;
  return (
    <section className="section" aria-busy={isFetching}>
      <p role="status" className={`segment-count ${isFetching ? 't3' : ''}`}>
        <b>{format.count(data.count)}</b> {entity.label_plural}
      </p>
      <ul className="segment-sample" aria-label={t('segment.sample')}>
        {data.sample.map((record) => <SampleLine key={record.id} entity={entity} record={record} />)}
      </ul>
      {data.count > data.sample.length && condition && <Link className="small-text" to={linkTo(entity.plural, condition)}>{t('segment.see_all')}</Link>}
    </section>
  );
}
