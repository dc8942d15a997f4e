import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { linkTo } from '@/condition/where';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { Avatar } from '@/part/Avatar';
import { DaysChoice, useDays } from '@/part/Days';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import type { PoolReport } from './pools';
import { usePoolReport } from './usePools';

function PoolsTable({ pools }: { pools: PoolReport['pools'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <TableScroll label={t('pool.movements')}>
      <table className="plain-table">
        <thead><tr><th>{t('pool.which')}</th>{(['now', 'entered', 'released', 'recycled', 'grabbed', 'assigned', 'wait'] as const).map((name) => <th key={name} className="num">{t(`pool.column_${name}`)}</th>)}</tr></thead>
        <tbody>
          {pools.map((pool) => (
            <tr key={pool.id}>
              <th scope="row"><Link to={`/pool?pool=${pool.id}`}>{pool.name}</Link></th>
              <td className="num">{format.total(pool.total)}</td>
              {[pool.entered, pool.released, pool.recycled, pool.grabbed, pool.assigned].map((figure, index) => <td key={index} className="num">{format.count(figure)}</td>)}
              <td className="num nowrap">{pool.median_wait_minutes === null ? nothing : format.duration(pool.median_wait_minutes * 60).replace(/ 00 .*$/, '')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function IdleTable({ report }: { report: PoolReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <table className="plain-table pool-idle">
      <thead><tr><th>{t('pool.column_person')}</th><th className="num">{t('pool.column_held')}</th><th className="num">{t('pool.column_idle')}</th><th>{t('pool.column_rate')}</th></tr></thead>
      <tbody>
        {report.people.map((person) => {
          const share = person.held > 0 ? person.idle / person.held : 0;
          const where = { all: [{ field: 'owner_id', op: 'eq', value: person.id }, { field: 'status', op: 'in', value: ['new', 'working', 'returned'] }] };
          return (
            <tr key={person.id}>
              <th scope="row"><span className="row"><Avatar name={person.name} small />{person.name}</span></th>
              <td className="num"><Link to={linkTo('leads', where)}>{format.count(person.held)}</Link></td>
              <td className="num">{format.count(person.idle)}</td>
              <td><span className="row"><span className={share > 0.5 ? 'bar warn' : 'bar'} aria-hidden="true"><b style={{ width: `${share * 100}%` }} /></span>{format.percent(share)}</span></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** How leads move through the pools, and who lets his lie. */
export default function PoolReportView() {
  const { t } = useTranslation();
  const format = useFormat();
  const days = useDays();
  const { data: report, error, refetch } = usePoolReport(days);
  return (
    <div className="pool-report">
      <DaysChoice />
      {error && !report && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!report && !error && <SkeletonRows count={6} />}
      {report && (
        <>
          <p className="answer">
            {report.held === 0
              ? t('pool.answer_none')
              : <>{t('pool.answer', { held: format.count(report.held), idle: format.count(report.idle), hours: report.idle_hours })}<b className={report.idle * 2 > report.held ? 'bad' : undefined}>{format.percent(report.idle / report.held, 1)}</b>{t('pool.answer_end')}</>}
          </p>
          <section className="section"><div className="section-head"><h2>{t('pool.movements')}</h2></div><PoolsTable pools={report.pools} /></section>
          {report.people.length > 0 && <section className="section"><div className="section-head"><h2>{t('pool.idle_rate')}</h2></div><IdleTable report={report} /></section>}
        </>
      )}
    </div>
  );
}
