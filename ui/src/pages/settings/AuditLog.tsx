import { Button, Select } from 'antd';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
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
import { TableScroll } from '@/part/TableScroll';

interface AuditEntry {
  id: string;
  at: string;
  actor: { id: string | null; title: string };
  entity: string;
  /** The record type, what was done, the fields changed and what else it was about: in the reader's words. */
  label: string;
  did: string;
  changed: string[];
  about: string[];
  record_id: string | null;
  /** Empty when it is gone, or hidden from the reader. */
  title: string;
  action: string;
  reason: string;
  import?: ImportLine;
}

interface AuditPage {
  data: AuditEntry[];
  next: string | null;
}

/** The record by its name, else by the end of its number. */
function Subject({ entry }: { entry: AuditEntry }) {
  const entity = useModel().named(entry.entity);
  if (!entry.record_id) return <>{entry.label}</>;
  const name = entry.title || `#${entry.record_id.slice(-6)}`;
  const linked = entity && entry.title && !entity.setting;
  return <>{entry.label} {linked ? <Link className="inline" to={recordPath(entity, entry.record_id)}>{name}</Link> : <span className={entry.title ? '' : 't3'}>{name}</span>}</>;
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const format = useFormat();
  const told = [entry.about, entry.changed].map((words) => words.join(t('condition.comma'))).filter(Boolean);
  return (
    <tr>
      <td className="nowrap t2" title={format.instant(entry.at)}>{format.instant(entry.at)}</td>
      <td>{entry.actor.title || <span className="t3">{t('settings.system')}</span>}</td>
      <td>{entry.did}</td>
      <td><Subject entry={entry} /></td>
      <td className="t2 words">
        {told.map((words) => <div key={words}>{words}</div>)}
        {entry.reason || (entry.import && t('audit.import_line', { line: entry.import.line }))}
      </td>
    </tr>
  );
}

interface Seal {
  batches: number;
  upto: string | null;
  sealed_at: string | null;
  digest: string;
  keyed: boolean;
}

interface SealCheck {
  checked: number;
  more: boolean;
  whole: boolean;
  broken: { batch: number; why: string } | null;
}

/** All seals, part after part, to the end or the first that is broken. */
async function verifySeals(): Promise<SealCheck> {
  let check = await api.get<SealCheck>('/audit/seal/check', { after: 0 });
  while (check.more && check.whole) check = await api.get<SealCheck>('/audit/seal/check', { after: check.checked });
  return check;
}

/** How far the trail is sealed, and on request whether the seals hold. */
function SealLine() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: seal } = useQuery({ queryKey: ['audit', 'seal'], queryFn: () => api.get<Seal>('/audit/seal') });
  const { data: check, error, isPending, mutate } = useMutation({ mutationFn: verifySeals });
  if (!seal) return null;
  return (
    <div className="row wrap t2 dense" role="status">
      {seal.batches === 0 || !seal.upto || !seal.sealed_at
        ? t('settings.audit_unsealed')
        : <span title={seal.digest}>{t('settings.audit_sealed', { upto: format.instant(seal.upto), batches: seal.batches, at: format.instant(seal.sealed_at) })}</span>}
      {seal.batches > 0 && <Button size="small" loading={isPending} onClick={() => mutate()}>{t('settings.audit_verify')}</Button>}
      {check?.whole && <span>{t('settings.audit_whole', { batches: check.checked })}</span>}
      {check?.broken && <strong>{t('settings.audit_broken', { batch: check.broken.batch, why: check.broken.why })}</strong>}
      {error && <ErrorNotice error={error} onRetry={() => mutate()} />}
    </div>
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
      <SealLine />
      <div className="row wrap">
        <span className="row">
          <span className="t3 dense nowrap">{t('settings.entity')}</span>
          <Select allowClear aria-label={t('settings.entity')} placeholder={t('record.all')} className="settings-filter" value={filter.entity ?? undefined} options={model.entities.map(({ name, label }) => ({ value: name, label }))} onChange={(value: string | undefined) => set('entity', value)} />
        </span>
        <span className="row">
          <span className="t3 dense nowrap">{t('settings.who')}</span>
          <ReferenceSelect target="user" label={t('settings.who')} value={filter.actor_id} onChange={(id) => set('actor', id)} className="settings-filter" />
        </span>
      </div>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows />}
      {data && entries.length === 0 && <Empty title={t('settings.audit_none')} />}
      {entries.length > 0 && (
        <TableScroll label={t('settings.audit')}>
          <table className="plain-table audit-table">
            <thead><tr><th>{t('settings.at')}</th><th>{t('settings.who')}</th><th>{t('settings.did')}</th><th>{t('settings.what')}</th><th>{t('settings.audit_more')}</th></tr></thead>
            <tbody>{entries.map((entry) => <Entry key={entry.id} entry={entry} />)}</tbody>
          </table>
        </TableScroll>
      )}
      {hasNextPage && <div><Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('settings.earlier')}</Button></div>}
    </>
  );
}
