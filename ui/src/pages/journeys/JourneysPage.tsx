import { useState } from 'react';
import { Button, Form, Input, Segmented } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { refreshRecords, useRecordPages } from '@/api/records';
import type { Entity, RecordRow } from '@/api/types';
import { FieldValue } from '@/field/FieldValue';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { NotThere } from '@/part/Refusal';
import { SideSheet } from '@/part/SideSheet';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import '../journey/journey.css';

interface Path {
  code: string;
  name: string;
  hint: string;
}

/** Paths to start from; each makes a draft and its mails. */
function Paths() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { data = [] } = useQuery({ queryKey: ['journey', 'paths'], queryFn: async () => (await api.get<{ data: Path[] }>('/journey_paths')).data });
  const { mutate, error } = useMutation({
    mutationFn: (code: string) => api.post<{ id: string }>(`/journey_paths/${code}`),
    onSuccess: async ({ id }) => { await refreshRecords(client, 'journeys'); await navigate(`/journeys/${id}`); },
  });
  return (
    <>
      <h2>{t('journeys.paths')}</h2>
      {error && <ErrorNotice error={error} />}
      <div className="journey-templates">
        {data.map(({ code, name, hint }) => <button key={code} type="button" onClick={() => mutate(code)}><b>{name}</b><span className="t2 dense">{hint}</span></button>)}
      </div>
    </>
  );
}

function NewJourney({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const model = useModel();
  const [entity, setEntity] = useState('person');
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: ({ name }: { name: string }) => api.post<RecordRow>('/journeys', { name, entity_name: entity, draft: { nodes: [{ id: 'n1', type: 'entry', x: 0, y: 0, config: { kind: 'event', event: '' } }], edges: [] } }),
    onSuccess: async ({ id }) => { await refreshRecords(client, 'journeys'); await navigate(`/journeys/${id}?node=n1`); },
  });
  return (
    <SideSheet onClose={onClose} width={560} settled={isPending || isSuccess} title={t('journeys.new')}>
      <div className="journey-form">
        {error && <ErrorNotice error={error} />}
        <Form layout="vertical" requiredMark={false} onFinish={mutate}>
          <Form.Item name="name" label={t('journeys.name')} rules={[{ required: true, message: t('form.required', { field: t('journeys.name') }) }]}><Input maxLength={60} autoFocus /></Form.Item>
          <Form.Item label={t('journeys.of_whom')}>
            <Segmented value={entity} options={['person', 'lead'].flatMap((name) => { const one = model.named(name); return one ? [{ value: name, label: one.label }] : []; })} onChange={setEntity} />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={isPending}>{t('journeys.make')}</Button>
        </Form>
        <Paths />
      </div>
    </SideSheet>
  );
}

function Table({ entity, rows }: { entity: Entity; rows: RecordRow[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const field = (name: string) => entity.fields.find((one) => one.name === name);
  const status = field('status');
  const of = field('entity_name');
  return (
    <TableScroll label={entity.label_plural}>
      <table className="plain-table">
        <thead><tr><th>{t('journeys.name')}</th><th>{status?.label}</th><th>{of?.label}</th><th>{t('journeys.version')}</th><th>{field('published_at')?.label}</th><th>{field('description')?.label}</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td><Link to={`/journeys/${row.id}`}>{String(row.name)}</Link></td>
              <td>{status && <FieldValue dense field={status} record={row} />}</td>
              <td>{of && <FieldValue dense field={of} record={row} />}</td>
              <td>{Number(row.published_version) > 0 ? `v${String(row.published_version)}` : ''}</td>
              <td className="nowrap">{typeof row.published_at === 'string' ? format.near(row.published_at) : ''}</td>
              <td className="t2 words">{String(row.description ?? '')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** All journeys, and how to begin one. */
export default function JourneysPage() {
  const { t } = useTranslation();
  const entity = useModel().named('journey');
  const [search, setSearch] = useSearchParams();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useRecordPages('journeys', { sort: '-updated_at' });
  if (!entity) return <NotThere />;
  const rows = data?.pages.flatMap((page) => page.data) ?? [];
  const open = (yes: boolean) => setSearch(yes ? { new: '' } : {}, { replace: true });
  const add = entity.actions.create && <Button type="primary" onClick={() => open(true)}>{t('journeys.new')}</Button>;
  return (
    <div className="page">
      <header className="page-head"><h1>{t('journeys.title')}</h1><span className="grow" />{rows.length > 0 && add}</header>
      <div className="pad-page scroll-y">
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonRows count={6} />}
        {data && rows.length === 0 && <Empty title={t('journeys.none')} hint={t('journeys.none_hint')}>{add}</Empty>}
        {data && rows.length === 0 && entity.actions.create && <Paths />}
        {rows.length > 0 && <Table entity={entity} rows={rows} />}
        {hasNextPage && <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('timeline.more')}</Button>}
      </div>
      {search.has('new') && <NewJourney onClose={() => open(false)} />}
    </div>
  );
}
