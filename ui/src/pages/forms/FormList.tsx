import { useState } from 'react';
import { Button, Input } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import type { RecordRow } from '@/api/types';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { Dialog } from '@/part/Dialog';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { conversion, firstDesign, type FormRow, type Overview } from './forms';

const tones = { draft: 'idle', published: 'ok', archived: 'idle' } as const;

export function FormStatus({ status, changed }: { status: FormRow['status']; changed: boolean }) {
  const { t } = useTranslation();
  return (
    <span className={`status ${changed ? 'warn' : tones[status]}`}>{t(changed ? 'forms.changed' : `forms.status_${status}`)}</span>
  );
}

function Row({ form }: { form: FormRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = conversion(form.views, form.submissions);
  return (
    <tr>
      <td><Link className="strong" to={`/forms/${form.id}`}>{form.name}</Link><span className="block t2">/f/{form.slug}</span></td>
      <td><FormStatus status={form.status} changed={form.changed} /></td>
      <td className="num">{format.count(form.views)}</td>
      <td className="num"><Link to={`/forms/${form.id}?tab=submissions`}>{format.count(form.submissions)}</Link></td>
      <td className="num">{share === null ? nothing : format.percent(share)}</td>
      <td className="num">{format.count(form.today)}</td>
      <td className={form.failed ? 'num bad' : 'num t3'}>{form.failed ? <Link className="bad" to={`/forms/${form.id}?tab=submissions&state=failed`}>{t('forms.failed_count', { count: form.failed })}</Link> : nothing}</td>
      <td className="nowrap">{form.last_at ? format.near(form.last_at) : nothing}</td>
    </tr>
  );
}

function CreateForm({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [slug, setSlug] = useState('');
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => api.post<RecordRow>('/forms', { name: name.trim(), ...(slug ? { slug } : {}), draft: firstDesign(name.trim(), i18n.language === 'en' ? 'en' : 'zh') }),
    onSuccess: async (form) => {
      await client.invalidateQueries({ queryKey: ['forms'] });
      void navigate(`/forms/${form.id}`);
    },
  });
  const errors = error instanceof ApiError ? error.fieldErrors() : {};
  return (
    <Dialog title={t('forms.new')} okText={t('forms.create')} cancelText={t('action.cancel')} onCancel={onClose} onOk={() => mutate()} confirmLoading={isPending} okButtonProps={{ disabled: !name.trim() }}>
      <div className="form-new">
        <label><span className="small-text t2">{t('forms.name')}</span><Input autoFocus value={name} maxLength={100} onChange={(event) => setName(event.target.value)} onPressEnter={() => name.trim() && mutate()} /></label>
        <label><span className="small-text t2">{t('forms.slug')}<span className="t3 optional">{t('form.optional')}</span></span><Input prefix="/f/" value={slug} maxLength={40} status={errors.slug ? 'error' : undefined} onChange={(event) => setSlug(event.target.value.toLowerCase())} /></label>
        <p className={errors.slug ? 'bad small-text' : 't3 small-text'}>{errors.slug ?? t('forms.slug_hint')}</p>
        {error && !errors.slug && <ErrorNotice error={error} />}
      </div>
    </Dialog>
  );
}

/** All forms, and what came of each in the last thirty days. */
export function FormList() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const { data, error, refetch } = useQuery({
    queryKey: ['forms', 'overview'],
    queryFn: () => api.get<Overview>('/forms/overview'),
    refetchInterval: 60_000,
  });
  const open = () => setSearch({ new: '1' });
  const add = <Button type="primary" onClick={open}>{t('forms.new')}</Button>;
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('forms.title')}</h1><span className="grow" />
        {data && data.data.length > 0 && <><span className="t3 dense forms-days">{t('forms.days', { days: data.days })}</span>{add}</>}
      </header>
      <div className="scroll-y forms-body">
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonRows count={6} />}
        {data?.data.length === 0 && <Empty title={t('forms.none')} hint={t('forms.none_hint')}>{add}</Empty>}
        {data && data.data.length > 0 && (
          <TableScroll label={t('forms.title')}>
            <table className="plain-table">
              <thead><tr>
                <th>{t('forms.name')}</th><th>{t('forms.status')}</th><th className="num">{t('forms.views')}</th><th className="num">{t('forms.submissions')}</th>
                <th className="num">{t('forms.conversion')}</th><th className="num">{t('forms.today')}</th><th className="num">{t('forms.failed')}</th><th>{t('forms.last')}</th>
              </tr></thead>
              <tbody>{data.data.map((form) => <Row key={form.id} form={form} />)}</tbody>
            </table>
          </TableScroll>
        )}
        {data && !data.all && <p className="t3 dense">{t('forms.newest_only')}</p>}
      </div>
      {search.has('new') && <CreateForm onClose={() => setSearch({})} />}
    </div>
  );
}
