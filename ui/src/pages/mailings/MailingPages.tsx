import { Button } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { Link, Route, Routes, useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { useRecordPages } from '@/api/records';
import { FieldValue } from '@/field/FieldValue';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { NotThere } from '@/part/Refusal';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import type { MailTotals } from '../journey/journey';
import { MailingPage } from './MailingPage';
import { rate } from './mailings';
import './mailings.css';

const askedAtOnce = 100;

/** The figures of those that are shown. */
function useTotals(ids: string[]) {
  const { data = [] } = useQuery({
    queryKey: ['mailings', 'totals', ids], enabled: ids.length > 0, placeholderData: (previous) => previous, refetchInterval: 10_000,
    queryFn: async () => {
      const parts = Array.from({ length: Math.ceil(ids.length / askedAtOnce) }, (_, part) => ids.slice(part * askedAtOnce, (part + 1) * askedAtOnce));
      const answers = await Promise.all(parts.map((part) => api.get<{ data: { id: string; totals: MailTotals }[] }>('/mailing_totals', { ids: part.join(',') })));
      return answers.flatMap(({ data: some }) => some);
    },
  });
  return new Map(data.map(({ id, totals }) => [id, totals]));
}

/** All mailings, with what they came to. */
function Mailings() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const entity = useModel().named('mailing');
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useRecordPages('mailings', { sort: '-created_at' });
  const rows = data?.pages.flatMap((page) => page.data) ?? [];
  const totals = useTotals(rows.map(({ id }) => id));
  if (!entity) return <NotThere />;
  const field = (name: string) => entity.fields.find((one) => one.name === name);
  const status = field('status');
  const segment = field('segment_id');
  const share = (part: number, sent: number) => { const of = rate(part, sent); return of === null ? '' : format.percent(of, 1); };
  const add = entity.actions.create && <Button type="primary" onClick={() => void navigate('/mailings/new')}>{t('mailings.new')}</Button>;
  return (
    <div className="page">
      <header className="page-head"><h1>{t('mailings.title')}</h1><span className="grow" />{rows.length > 0 && add}</header>
      <div className="pad-page scroll-y">
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonRows count={6} />}
        {data && rows.length === 0 && <Empty title={t('mailings.none')} hint={t('mailings.none_hint')}>{add}</Empty>}
        {rows.length > 0 && (
          <TableScroll label={entity.label_plural}>
            <table className="plain-table">
              <thead>
                <tr>
                  <th>{t('mailings.name')}</th><th>{status?.label}</th><th>{segment?.label}</th><th className="number">{t('mails.figure_sent')}</th>
                  <th className="number">{t('mails.figure_opened')}</th><th className="number">{t('mails.figure_clicked')}</th><th className="number">{t('mails.figure_not_sent')}</th><th>{t('mailings.launched')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => {
                  const figures = totals.get(row.id);
                  return (
                    <tr key={row.id}>
                      <td><Link to={`/mailings/${row.id}`}>{String(row.name)}</Link></td>
                      <td>{status && <FieldValue dense field={status} record={row} />}</td>
                      <td>{segment && <FieldValue dense field={segment} record={row} />}</td>
                      <td className="number">{figures ? format.count(figures.sent) : ''}</td>
                      <td className="number">{figures ? share(figures.opened, figures.sent) : ''}</td>
                      <td className="number">{figures ? share(figures.clicked, figures.sent) : ''}</td>
                      <td className="number">{figures ? format.count(figures.not_sent) : ''}</td>
                      <td className="nowrap t2">{typeof row.launched_at === 'string' ? format.near(row.launched_at) : ''}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </TableScroll>
        )}
        {hasNextPage && <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('timeline.more')}</Button>}
      </div>
    </div>
  );
}

export default function MailingPages() {
  return (
    <Routes>
      <Route index element={<Mailings />} />
      <Route path=":id" element={<MailingPage />} />
    </Routes>
  );
}
