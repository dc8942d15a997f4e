import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { recordPath, useModel } from '@/api/meta';
import { useRecords } from '@/api/records';
import type { Condition, Entity, Field, RecordRow } from '@/api/types';
import { isWorked } from '@/app/clouds';
import { stateField } from '@/field/editable';
import { isMoney, Pill } from '@/field/FieldValue';
import { titleOf } from '@/field/references';
import { useFormat } from '@/format/useFormat';
import { useCreate } from '@/frame/create';

const shown = 5;

interface Relation {
  entity: Entity;
  /** The field of the other type that points here. */
  field: Field;
}

/** All record types that refer to this one, each once, by the first field that does. */
function useRelations(of: Entity): Relation[] {
  const { entities } = useModel();
  return entities.flatMap((entity) => {
    if (!isWorked(entity) || entity.name === 'activity') return [];
    const field = entity.fields.find((candidate) => candidate.type === 'reference' && candidate.target === of.name && !candidate.system && candidate.filterable);
    return field ? [{ entity, field }] : [];
  });
}

function RelatedRow({ entity, record }: { entity: Entity; record: RecordRow }) {
  const format = useFormat();
  const state = stateField(entity);
  const option = state?.options?.find((candidate) => candidate.code === record[state.name]);
  const stage = record._refs?.stage_id?.title;
  const note = ['role', 'job_title', 'company_name'].map((name) => record[name]).find((value) => typeof value === 'string' && value !== '');
  const roleIsState = state?.name === 'role';
  const noteField = entity.fields.find((field) => field.name === 'role' && field.options);
  const noteText = noteField?.options?.find((candidate) => candidate.code === note)?.label ?? note;
  return (
    <li>
      <Link className="ellipsis" to={recordPath(entity, record.id)}>{titleOf(entity, record)}</Link>
      {typeof noteText === 'string' && !(roleIsState && note === record.role) && <span className="t3 small-text ellipsis">{noteText}</span>}
      <span className="grow" />
      {typeof record.due_at === 'string' && <span className="t2 nowrap">{format.day(record.due_at)}</span>}
      {isMoney(record.amount) && <span className="t2 nowrap">{format.shortMoney(record.amount)}</span>}
      {option && option.tone ? <Pill option={stage && option.code === 'open' ? { ...option, label: stage } : option} /> : null}
    </li>
  );
}

interface SectionProps {
  entity: Entity;
  where: Condition;
  /** Values a new one begins with; without them none can be made from here. */
  values?: Record<string, unknown>;
}

function RelatedSection({ entity, where, values }: SectionProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const create = useCreate();
  const { data } = useRecords(entity.plural, { where, limit: shown, count: true });
  const rows = data?.data ?? [];
  const more = data?.total && (data.total.value > rows.length || !data.total.exact);
  const mayCreate = entity.actions.create && values !== undefined;
  if (data && rows.length === 0 && !mayCreate) return null;
  return (
    <section className="section">
      <div className="section-head">
        <h2>{entity.label_plural}</h2>
        {data?.total && <span className="t3 small-text">{format.total(data.total)}</span>}
        <span className="grow" />
        {more && <Link className="small-text" to={`/${entity.plural}?where=${encodeURIComponent(JSON.stringify(where))}`}>{t('record.all')}</Link>}
        {mayCreate && (
          <button type="button" className="link small-text" onClick={() => create({ entity, values, onCreated: () => undefined })}>
            {t('frame.create')}<span className="visually-hidden"> {entity.label}</span>
          </button>
        )}
      </div>
      <ul className="related">{rows.map((row) => <RelatedRow key={row.id} entity={entity} record={row} />)}</ul>
    </section>
  );
}

/** Everything that refers to this record, also of types a company added itself. */
export function Related({ entity, record }: { entity: Entity; record: RecordRow }) {
  const model = useModel();
  const relations = useRelations(entity);
  const tasks = entity.timeline ? model.named('task') : undefined;
  const about = { subject_type: entity.name, subject_id: record.id };
  return (
    <>
      {tasks && (
        <RelatedSection
          entity={tasks} values={about}
          where={{ all: [{ field: 'subject_type', op: 'eq', value: entity.name }, { field: 'subject_id', op: 'eq', value: record.id }] }}
        />
      )}
      {relations.map((relation) => (
        <RelatedSection
          key={relation.entity.name} entity={relation.entity}
          values={relation.field.writable && relation.entity !== entity ? { [relation.field.name]: record.id } : undefined}
          where={{ field: relation.field.name, op: 'eq', value: record.id }}
        />
      ))}
    </>
  );
}
