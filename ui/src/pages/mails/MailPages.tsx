import { Button } from 'antd';
import { Link, Route, Routes, useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import { useRecordPages } from '@/api/records';
import { FieldValue } from '@/field/FieldValue';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { NotThere } from '@/part/Refusal';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { EffectPage } from './EffectPage';
import { MailEditor } from './MailEditor';
import { Results } from './Results';
import './mails.css';

/** The templates there are. */
function Templates() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const entity = useModel().named('mail_template');
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useRecordPages('mail_templates', { sort: '-updated_at' });
  if (!entity) return <NotThere />;
  const rows = data?.pages.flatMap((page) => page.data) ?? [];
  const topic = entity.fields.find(({ name }) => name === 'topic');
  const add = entity.actions.create && <Button type="primary" onClick={() => void navigate('/mails/new')}>{t('mails.new')}</Button>;
  return (
    <div className="page">
      <header className="page-head"><h1>{t('mails.title')}</h1><span className="grow" /><Link to="/mails/effect">{t('mails.effects')}</Link>{rows.length > 0 && add}</header>
      <div className="pad-page scroll-y">
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonRows count={6} />}
        {data && rows.length === 0 && <Empty title={t('mails.none')} hint={t('mails.none_hint')}>{add}</Empty>}
        {rows.length > 0 && (
          <TableScroll label={entity.label_plural}>
            <table className="plain-table">
              <thead><tr><th>{t('mails.name')}</th><th>{t('mails.subject')}</th><th>{topic?.label}</th><th>{t('mails.changed')}</th></tr></thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.id}>
                    <td><Link to={`/mails/${row.id}`}>{String(row.name)}</Link></td>
                    <td className="t2 words">{String(row.subject)}</td>
                    <td>{topic && <FieldValue dense field={topic} record={row} />}</td>
                    <td className="nowrap t2">{format.near(row.updated_at)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        )}
        {hasNextPage && <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('timeline.more')}</Button>}
      </div>
    </div>
  );
}

export default function MailPages() {
  return (
    <Routes>
      <Route index element={<Templates />} />
      <Route path="results" element={<Results />} />
      <Route path="effect" element={<EffectPage />} />
      <Route path=":id" element={<MailEditor />} />
    </Routes>
  );
}
