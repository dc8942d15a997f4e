import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf } from '@/api/meta';
import type { Entity, HistoryEntry, Page, RecordRow } from '@/api/types';
import { textOf } from '@/field/FieldValue';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { SkeletonLines } from '@/part/Skeleton';

function Change({ entity, change }: { entity: Entity; change: HistoryEntry['changes'][number] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const field = fieldOf(entity, change.field);
  const words = { yes: t('field.yes'), no: t('field.no') };
  const text = (value: unknown, title?: string | null) => title ?? (field ? textOf(field, value, format, words) : String(value ?? '—'));
  return <li>{field?.label ?? change.field} <span className="t3">{text(change.old, change.old_title)}</span> → {text(change.new, change.new_title)}</li>;
}

function Entries({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['history', entity.plural, record.id, record.version],
    queryFn: () => api.get<Page<HistoryEntry>>(`/${entity.plural}/${record.id}/history`),
  });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (isPending) return <SkeletonLines />;
  return (
    <ul className="history">
      {data.data.map((entry, index) => {
        const created = entry.import && entry.action === 'created';
        return (
          <li key={entry.event_id ?? index}>
            <span className="row">
              <span className="grow"><b>{entry.actor?.title || t('record.system')}</b> {created ? t('history.import_line', { line: entry.import?.line }) : entry.did}</span>
              <time dateTime={entry.at} title={format.instant(entry.at)} className="t3 small-text">{format.near(entry.at)}</time>
            </span>
            <ul>{entry.changes.map((change) => <Change key={change.field} entity={entity} change={change} />)}</ul>
          </li>
        );
      })}
    </ul>
  );
}

/** Every change of the record, old and new value; folded until asked for. */
export function History({ entity, record, open }: { entity: Entity; record: RecordRow; open?: boolean }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(open ?? false);
  return (
    <section className="section">
      <button type="button" className="fold" aria-expanded={shown} onClick={() => setShown(!shown)}>
        <Icon name={shown ? 'down' : 'right'} size={14} />{t('record.history')}
      </button>
      {shown && <Entries entity={entity} record={record} />}
    </section>
  );
}
