import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { useRecords } from '@/api/records';
import { useSession } from '@/api/session';
import type { Condition, RecordRow } from '@/api/types';
import { linkTo } from '@/condition/where';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonLines } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { ratioText, size, type ReturnReport, type ReturnRow } from '@/pages/attribution/attribution';
import { leadsWhere, spentWhere, usualPeriod } from '@/pages/attribution/returns';
import { reached, useFigures, within } from '@/pages/journey/journey';

const journeysMost = 6;
const campaignsMost = 6;
const running: Condition = { field: 'status', op: 'eq', value: 'running' };

function JourneyLine({ row }: { row: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useFigures(row.id, false);
  return (
    <li>
      <div className="row">
        <Link className="ellipsis grow strong" to={`/journeys/${row.id}`} title={String(row.name)}>{String(row.name)}</Link>
        {data && (within(data) > 0
          ? <Link className="count nowrap" to={`/journeys/${row.id}?panel=people`}>{t('home.people_within', { count: within(data) })}</Link>
          : <span className="t3 nowrap">{t('home.nobody_within')}</span>)}
      </div>
      {data && <div className="small-text t3">{t('home.journey_came', { came: format.count(reached(data, 'in')), goal: format.count(reached(data, 'goal')) })}</div>}
    </li>
  );
}

/** What goes on by itself at this moment, and how many people stand in it. */
export function RunningJourneys() {
  const { t } = useTranslation();
  const mayMake = useModel().named('journey')?.actions.create;
  const { data, error, refetch } = useRecords('journeys', { where: running, sort: '-published_at', limit: journeysMost, count: true });
  const total = data?.total?.value ?? 0;
  return (
    <section className="section">
      <div className="section-head"><h2>{t('home.journeys')}</h2>{total > 0 && <span className="t2">{total}</span>}<span className="grow" /><Link className="small-text" to="/journeys">{t('home.all')}</Link></div>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonLines count={4} />}
      {data?.data.length === 0 && <p className="t2 dense">{t('home.no_journeys')} {mayMake && <Link to="/journeys?new=">{t('home.make_journey')}</Link>}</p>}
      <ul className="slip-list">{data?.data.map((row) => <JourneyLine key={row.id} row={row} />)}</ul>
    </section>
  );
}

function ReturnLine({ report, row }: { report: ReturnReport; row: ReturnRow }) {
  const format = useFormat();
  const { company } = useSession();
  const net = row.net === null ? null : Number(row.net);
  return (
    <tr>
      <th scope="row"><Link className="ellipsis" title={row.title} to={linkTo('campaigns', { field: 'name', op: 'eq', value: row.title })}>{row.title}</Link></th>
      <td className="num nowrap"><Link to={linkTo('costs', spentWhere(report, row))}>{format.shortMoney(row.cost)}</Link></td>
      <td className="num">{row.leads ? <Link to={linkTo('leads', leadsWhere(report, row, company.time_zone))}>{format.count(row.leads)}</Link> : <span className="t3">0</span>}</td>
      {report.sold && (
        <>
          <td className="num">{row.deals && row.where ? <Link to={linkTo('opportunities', row.where)}>{format.count(row.deals)}</Link> : format.count(row.deals)}</td>
          <td className="num nowrap">{row.deals ? <Link to={`/attribution?by=campaign&place=${encodeURIComponent(row.title)}`}>{format.shortMoney(row.revenue)}</Link> : format.shortMoney(row.revenue)}</td>
          <td className="num strong nowrap">{row.ratio === null ? nothing : ratioText(row.ratio)}</td>
          <td className={`num nowrap ${net !== null && net < 0 ? 'bad' : ''}`}>{row.net === null ? nothing : format.percent(row.net)}</td>
        </>
      )}
      {!report.sold && <td className="num nowrap">{row.cost_per_lead ? format.shortMoney(row.cost_per_lead) : nothing}</td>}
    </tr>
  );
}

/** What came of what was spent on the campaigns that cost most, over the period the report begins with. */
export function CampaignReturns() {
  const { t } = useTranslation();
  const format = useFormat();
  const mayEnter = useModel().named('cost')?.actions.create;
  const asked = { ...usualPeriod(format.dayKey(new Date())), by: 'campaign' };
  const { data: report, error, refetch } = useQuery({ queryKey: ['reports', 'roi', 'home', asked], queryFn: () => api.get<ReturnReport>('/reports/roi', asked) });
  const rows = (report?.rows ?? []).filter(({ title, cost }) => title && size(cost) > 0).sort((a, b) => size(b.cost) - size(a.cost)).slice(0, campaignsMost);
  const spent = report && size(report.total.cost) > 0;
  return (
    <section className="section campaign-returns" aria-label={t('home.returns')}>
      <div className="section-head"><h2>{t('home.returns')}</h2><span className="grow" /><Link className="small-text" to="/attribution?view=roi">{t('home.all')}</Link></div>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!report && !error && <SkeletonLines count={4} />}
      {report && !spent && <p className="t2 dense">{t('home.no_costs')} {mayEnter && <Link to="/attribution?view=roi">{t('home.enter_costs')}</Link>}</p>}
      {spent && report.total.ratio !== null && (
        <p className="t2 dense">{t('home.returns_sentence', { since: format.date(report.from), cost: format.shortMoney(report.total.cost), revenue: format.shortMoney(report.total.revenue), ratio: ratioText(report.total.ratio) })}</p>
      )}
      {rows.length > 0 && (
        <TableScroll label={t('home.returns')}>
          <table className="plain-table source-table return-table">
            <thead>
              <tr>
                <th>{t('attribution.by_campaign')}</th><th className="num">{t('attribution.cost')}</th><th className="num">{t('attribution.leads')}</th>
                {report!.sold
                  ? <><th className="num">{t('attribution.deals')}</th><th className="num">{t('attribution.revenue')}</th><th className="num">{t('attribution.ratio')}</th><th className="num">{t('attribution.net')}</th></>
                  : <th className="num">{t('attribution.cost_per_lead')}</th>}
              </tr>
            </thead>
            <tbody>{rows.map((row) => <ReturnLine key={row.title} report={report!} row={row} />)}</tbody>
          </table>
        </TableScroll>
      )}
    </section>
  );
}
