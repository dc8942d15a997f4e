import { useQueries } from '@tanstack/react-query';
import { Link } from 'react-router';
import { Trans, useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { recordPath, useModel } from '@/api/meta';
import { recordKeys, useAllRecords, useAny, useRecords } from '@/api/records';
import type { Condition, Entity, HomeView, Money } from '@/api/types';
import { and, linkTo } from '@/condition/where';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { sumOf, type BoardColumn, type BoardData } from '@/pages/board/board';
import { TableScroll } from '@/part/TableScroll';
import FirstSteps from './FirstSteps';
import { HomeHead } from './HomeHead';
import './overview.css';

const openState: Condition = { field: 'state', op: 'eq', value: 'open' };
const countOf = (columns: BoardColumn[]) => columns.reduce((sum, { count }) => sum + count, 0);
const closing = and(openState, { field: 'expected_close_date', op: 'is', value: 'this_month' });

/** The open stages: how many, how much, how much of it is likely. */
function StageTable({ entity, name, columns }: { entity: Entity; name: string | null; columns: BoardColumn[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const most = Math.max(1, ...columns.map(({ sum }) => Number(sum.amount)));
  return (
    <TableScroll label={name ?? t('home.stage')}>
      <table className="plain-table source-table stage-table">
        <thead>
          <tr>
            <th className={name ? 'pipeline-name' : undefined}>{name ?? t('home.stage')}</th><th className="num">{t('home.open_deals')}</th><th aria-hidden="true" className="bar-cell" />
            <th className="num">{t('home.amount')}</th><th className="num">{t('home.weighted')}</th><th className="num">{t('home.usual_days')}</th>
          </tr>
        </thead>
        <tbody>
          {columns.map(({ stage, count, sum, weighted }) => (
            <tr key={stage.id}>
              <th scope="row">{stage.name}<span className="t3"> {format.percent(stage.probability)}</span></th>
              <td className="num strong">
                {count > 0 ? <Link to={linkTo(entity.plural, { field: 'stage_id', op: 'eq', value: stage.id })}>{format.count(count)}</Link> : <span className="t3">0</span>}
              </td>
              <td aria-hidden="true" className="bar-cell"><span className="bar"><b style={{ width: `${(Number(sum.amount) / most) * 100}%` }} /></span></td>
              <td className="num nowrap">{format.shortMoney(sum)}</td>
              <td className="num nowrap t2">{format.shortMoney(weighted)}</td>
              <td className="num t2">{stage.usual_days ? t('home.days', { count: stage.usual_days }) : nothing}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function ClosingSoon({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useRecords(entity.plural, { where: closing, sort: 'expected_close_date', limit: 10 });
  const rows = data?.data ?? [];
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('home.closing')}</h2><span className="grow" />
        {rows.length > 0 && <Link className="small-text" to={linkTo(entity.plural, closing)}>{t('home.all')}</Link>}
      </div>
      {data && rows.length === 0 && <p className="t2 dense">{t('home.none_closing')}</p>}
      <ul className="slip-list">
        {rows.map((row) => {
          const day = String(row.expected_close_date);
          const late = format.daysFrom(day, format.dayKey(new Date())) < 0;
          return (
            <li key={row.id}>
              <div className="row">
                <Link className="ellipsis grow strong" to={recordPath(entity, row.id)}>{String(row.name)}</Link>
                <span className="amount">{row.amount ? format.shortMoney(row.amount as Money) : nothing}</span>
              </div>
              <div className="row dense t2">
                <span className="ellipsis grow">{[row._refs?.account_id?.title, row._refs?.stage_id?.title].filter(Boolean).join(' · ')}</span>
                <span className={late ? 'bad strong' : ''}>{format.date(day)}</span>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Nothing is under way: before the first deal what to do first, else only that. */
function NoneOpen({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const any = useAny(entity);
  if (any === undefined) return null;
  return any ? <Empty title={t('home.no_deals')} hint={t('home.no_deals_hint')} /> : <FirstSteps view="deals" />;
}

/** All deals under way of all pipelines, for those who do not work them: by stage, and what should close this month. */
export default function DealsHome({ views }: { views: HomeView[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const deal = useModel().named('opportunity');
  const pipelines = useAllRecords('pipelines', {});
  const boards = useQueries({ queries: (pipelines.data?.data ?? []).map(({ id }) => ({
    queryKey: [...recordKeys.board('opportunities'), 'home', id], queryFn: () => api.get<BoardData>('/opportunities/board', { pipeline_id: id, limit: 1 }),
  })) });
  const failed = [pipelines, ...boards].find(({ error, data }) => error && !data);
  if (failed) return <div className="pad-page"><ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} /></div>;
  if (!pipelines.data || boards.some(({ data }) => !data) || !deal) return <SkeletonRows count={11} />;
  const open = boards.map(({ data }) => ({ pipeline: data!.pipeline, columns: data!.columns.filter(({ stage }) => stage.kind === 'open') }))
    .sort((a, b) => countOf(b.columns) - countOf(a.columns));
  const used = open.filter(({ columns: stages }) => countOf(stages) > 0);
  const columns = open.flatMap(({ columns: stages }) => stages);
  const count = countOf(columns);
  const currency = columns[0]?.sum.currency ?? 'CNY';
  const values = {
    count, sum: format.shortMoney(sumOf(currency, columns.map(({ sum }) => sum))), weighted: format.shortMoney(sumOf(currency, columns.map(({ weighted }) => weighted))),
  };
  return (
    <div className="page">
      <HomeHead
        views={views} view="deals"
        sentence={count > 0 ? <Trans i18nKey="home.deals_sentence" values={values} components={{ b: <b /> }} /> : t('home.no_deals')}
      />
      {count === 0 ? <NoneOpen entity={deal} /> : (
        <div className="home-columns">
          <section aria-label={t('home.view_deals')}>{used.map(({ pipeline, columns: stages }) => <StageTable key={pipeline.id} entity={deal} name={open.length > 1 ? pipeline.name : null} columns={stages} />)}</section>
          <aside><ClosingSoon entity={deal} /></aside>
        </div>
      )}
    </div>
  );
}
