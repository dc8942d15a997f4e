import { Button, Dropdown } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { SourceDrawer } from './SourceDrawer';
import { addressOf, errorRate, healthOf, healthTone, madeKinds, type SourceRow } from './sources';

function Row({ row }: { row: SourceRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const health = healthOf(row);
  const rate = errorRate(row);
  const imports = useModel().named('lead')?.actions.import;
  const address = row.kind === 'import' && !imports ? null : addressOf(row);
  const name = row.name || t(row.kind === 'import' ? 'sources.kind_import' : 'sources.kind_api');
  return (
    <tr>
      <td>{address ? <Link className="strong" to={address}>{name}</Link> : <b>{name}</b>}<span className="block t3 small-text">{row.kind === 'import' ? t('sources.files') : row.path}</span></td>
      <td className="t2 nowrap">{t(`sources.kind_${row.kind}`)}</td>
      <td>
        <span className={`status ${healthTone[health]}`}>{t(`sources.health_${health}`, { count: row.failed })}</span>
        {health === 'refusing' && <span className="block t3 small-text">{row.refused_why}</span>}
      </td>
      <td className="nowrap">{row.last_at ? format.near(row.last_at) : nothing}</td>
      <td className="num">{row.kind === 'import' ? nothing : format.count(row.today)}</td>
      <td className="num">{format.count(row.week)}</td>
      <td className={rate ? 'num bad' : 'num t3'}>{rate === null ? nothing : format.percent(rate, 1)}</td>
    </tr>
  );
}

/** Every place people come in by: whether it lives, what it brings, what failed. */
export function SourceList() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const { data, error, refetch } = useQuery({
    queryKey: ['sources'], queryFn: () => api.get<{ data: SourceRow[] }>('/sources'), refetchInterval: 30_000,
  });
  const kind = madeKinds.find((each) => each === search.get('new'));
  const sum = (of: (row: SourceRow) => number) => (data?.data ?? []).reduce((total, row) => total + of(row), 0);
  const failed = sum((row) => row.failed);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('sources.title')}</h1>
        <span className="grow" />
        <Dropdown trigger={['click']} menu={{
          items: [
            ...madeKinds.map((each) => ({ key: each, label: t(`sources.kind_${each}`) })),
            { key: 'form', label: <Link to="/forms?new=1">{t('sources.kind_form')}</Link> },
          ],
          onClick: ({ key }) => { if (key !== 'form') setSearch({ new: key }); },
        }}>
          <Button type="primary">{t('sources.add')}</Button>
        </Dropdown>
      </header>
      <div className="scroll-y sources-body">
        {data && <p className="answer">{t(failed > 0 ? 'sources.answer_failed' : 'sources.answer', { today: sum((row) => row.today), week: sum((row) => row.week), failed })}</p>}
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonRows count={6} />}
        {data && (
          <TableScroll label={t('sources.title')}>
            <table className="plain-table">
              <thead><tr>
                <th>{t('sources.name')}</th><th>{t('sources.kind')}</th><th>{t('sources.health')}</th><th>{t('sources.last')}</th>
                <th className="num">{t('sources.today')}</th><th className="num">{t('sources.week')}</th><th className="num">{t('sources.error_rate')}</th>
              </tr></thead>
              <tbody>{data.data.map((row) => <Row key={`${row.kind}:${row.id}`} row={row} />)}</tbody>
            </table>
          </TableScroll>
        )}
      </div>
      {kind && <SourceDrawer kind={kind} source={null} onClose={() => setSearch({})} />}
    </div>
  );
}
