import { Button, Select } from 'antd';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { recordPath, useModel } from '@/api/meta';
import type { ImportLine } from '@/api/types';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';

interface AuditEntry {
  id: string;
  at: string;
  actor: { id: string | null; title: string };
  entity: string;
  record_id: string | null;
  action: string;
  reason: string;
  import?: ImportLine;
}

interface AuditPage {
  data: AuditEntry[];
  next: string | null;
}

function useActionText(): (action: string) => string {
  const { t, i18n } = useTranslation();
  return (action) => (i18n.exists(`audit.${action}`) ? t(`audit.${action}` as 'audit.created') : action);
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const format = useFormat();
  const entity = useModel().named(entry.entity);
  const actionText = useActionText();
  return (
    <tr>
      <td className="nowrap t2" title={format.instant(entry.at)}>{format.instant(entry.at)}</td>
      <td>{entry.actor.title || <span className="t3">{t('settings.system')}</span>}</td>
      <td>{actionText(entry.action)}</td>
      <td>
        {entity && entry.record_id && !entity.setting && entry.action !== 'deleted'
          ? <Link to={recordPath(entity, entry.record_id)}>{entity.label} #{entry.record_id.slice(-6)}</Link>
          : <>{entity?.label ?? entry.entity} {entry.record_id && <span className="t3">#{entry.record_id.slice(-6)}</span>}</>}
      </td>
      <td className="t2">{entry.reason || (entry.import && t('audit.import_line', { line: entry.import.line }))}</td>
    </tr>
  );
}

/** Who did what, and why where it must be said. Nobody can change it. */
export function AuditLog() {
  const { t } = useTranslation();
  const model = useModel();
  const [search, setSearch] = useSearchParams();
  const filter = { entity: search.get('entity'), actor_id: search.get('actor') };
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam }) => api.get<AuditPage>('/audit', { ...filter, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.next && page.next !== '0' ? page.next : null),
  });
  const set = (name: string, value: string | null | undefined) => setSearch((before) => {
    const next = new URLSearchParams(before);
    if (value) next.set(name, value);
    else next.delete(name);
    return next;
  });
  const entries = data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <div className="row wrap">
        <Select allowClear aria-label={t('settings.entity')} placeholder={t('settings.entity')} className="settings-filter" value={filter.entity ?? undefined} options={model.entities.map(({ name, label }) => ({ value: name, label }))} onChange={(value: string | undefined) => set('entity', value)} />
        <span className="t3 dense">{t('settings.who')}</span>
        <ReferenceSelect target="user" label={t('settings.who')} value={filter.actor_id} onChange={(id) => set('actor', id)} className="settings-filter" />
      </div>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows />}
      {data && entries.length === 0 && <Empty title={t('settings.audit_none')} />}
      {entries.length > 0 && (
        <div className="table-scroll" role="region" aria-label={t('settings.audit')} tabIndex={0}>
          <table className="plain-table">
            <thead><tr><th>{t('settings.at')}</th><th>{t('settings.who')}</th><th>{t('settings.did')}</th><th>{t('settings.what')}</th><th>{t('settings.reason')}</th></tr></thead>
            <tbody>{entries.map((entry) => <Entry key={entry.id} entry={entry} />)}</tbody>
          </table>
        </div>
      )}
      {hasNextPage && <div><Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('settings.earlier')}</Button></div>}
    </>
  );
}
