import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { useSession } from '@/api/session';
import { linkTo } from '@/condition/where';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { useCreate } from '@/frame/create';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { placeKey, ratioText, size, type ReturnReport, type ReturnRow } from './attribution';
import { leadsWhere, spentWhere } from './returns';
import { CutNotice } from './CutNotice';
import { useAsked } from './useAsked';

/** Of what was spent on and brought leads; what a customer, and not a lead, cost is known where deals are. */
function LeadsAnswer({ report }: { report: ReturnReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const leads = report.rows.filter(({ title, cost }) => title && size(cost) > 0).reduce((sum, row) => sum + row.leads, 0);
  return <p className="answer">{t('attribution.leads_answer', { cost: format.shortMoney(report.total.cost), count: leads, leads: format.count(leads) })}</p>;
}

function Answer({ report }: { report: ReturnReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { total } = report;
  if (!report.sold) return <LeadsAnswer report={report} />;
  const spent = report.rows.filter(({ ratio, others }) => ratio !== null && !others);
  const best = [...spent].sort((a, b) => Number(b.ratio) - Number(a.ratio))[0];
  if (!report.rows.some(({ cost }) => size(cost))) return <p className="answer">{t('attribution.roi_unspent')}</p>;
  return (
    <p className="answer">
      {t('attribution.roi_answer', { cost: format.shortMoney(total.cost), revenue: format.shortMoney(total.revenue) })}
      {total.ratio !== null && total.net !== null && <>{t('attribution.roi_ratio')}<b className="nowrap">{ratioText(total.ratio)}</b>{t('attribution.roi_net')}<b className={Number(total.net) < 0 ? 'bad' : ''}>{format.percent(total.net)}</b></>}
      {t('performance.stop')}
      {best?.ratio && t('attribution.roi_best', { name: best.title, ratio: ratioText(best.ratio) })}
    </p>
  );
}

function Row({ report, row, most }: { report: ReturnReport; row: ReturnRow; most: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { company } = useSession();
  const place = `/attribution?${new URLSearchParams({ from: report.from, to: report.to, window: String(report.window), by: report.by, model: report.model, place: placeKey(row) }).toString()}`;
  return (
    <tr>
      <td className="nowrap">{row.title || t('attribution.not_said')}</td>
      <td className="num">{size(row.cost) && !row.others ? <Link to={linkTo('costs', spentWhere(report, row))}>{format.shortMoney(row.cost)}</Link> : size(row.cost) ? format.shortMoney(row.cost) : <span className="t3">0</span>}</td>
      <td className="num">{row.leads && !row.others ? <Link to={linkTo('leads', leadsWhere(report, row, company.time_zone))}>{format.count(row.leads)}</Link> : row.leads ? format.count(row.leads) : <span className="t3">0</span>}</td>
      {report.sold && <td className="num">{row.deals && row.where ? <Link to={linkTo('opportunities', row.where)}>{format.count(row.deals)}</Link> : format.count(row.deals)}</td>}
      {report.sold && <td className="num">{format.count(row.customers)}</td>}
      {report.sold && <td className="num">{row.deals && !row.others ? <Link to={place}>{format.shortMoney(row.revenue)}</Link> : format.shortMoney(row.revenue)}</td>}
      <td className="num">{row.cost_per_lead ? format.shortMoney(row.cost_per_lead) : nothing}</td>
      {report.sold && (
        <>
          <td className="num">{row.cost_per_customer ? format.shortMoney(row.cost_per_customer) : nothing}</td>
          <td className="num strong">{row.ratio === null ? nothing : ratioText(row.ratio)}</td>
          <td className="return-bar">{row.ratio !== null && <i style={{ width: `${(Number(row.ratio) / most) * 100}%` }} />}</td>
          <td className={`num ${row.net !== null && Number(row.net) < 0 ? 'bad' : ''}`}>{row.net === null ? nothing : format.percent(row.net)}</td>
        </>
      )}
    </tr>
  );
}

/** What came of what was spent. */
export function Returns() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const create = useCreate();
  const cost = useModel().named('cost');
  const today = useFormat().dayKey(new Date());
  const { from, to, window, by, model } = useAsked();
  const asked = { from, to, window, by: by ?? 'campaign', model };
  const { data: report, error, refetch } = useQuery({
    queryKey: ['reports', 'roi', asked], queryFn: () => api.get<ReturnReport>('/reports/roi', asked), placeholderData: keepPreviousData,
  });
  const most = Math.max(1, ...(report?.rows ?? []).map(({ ratio }) => Number(ratio ?? 0)));
  const enter = cost?.actions.create && (
    <Button size="small" onClick={() => create({ entity: cost, values: { spent_on: today }, onCreated: () => void client.invalidateQueries({ queryKey: ['reports', 'roi'] }) })}>{t('attribution.enter_cost')}</Button>
  );
  return (
    <div className="report-body">
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!report && !error && <SkeletonRows />}
      {report?.rows.length === 0 && <Empty title={t('attribution.roi_empty')} hint={t('attribution.roi_empty_hint')}>{enter}</Empty>}
      {report && report.rows.length > 0 && (
        <>
          <CutNotice cut={report.cut} partial={report.partial} />
          <Answer report={report} />
          <div className="row">{report.sold && <p className="t2 dense">{t('attribution.roi_hint', { model: t(`attribution.model_${report.model}`) })}</p>}<span className="grow" />{enter}</div>
          <TableScroll label={t('attribution.roi')}>
            <table className="plain-table">
              <thead>
                <tr>
                  <th>{t(report.by === 'campaign' ? 'attribution.by_campaign' : 'attribution.by_channel')}</th><th className="num">{t('attribution.cost')}</th><th className="num">{t('attribution.leads')}</th>
                  {report.sold && <><th className="num">{t('attribution.deals')}</th><th className="num">{t('attribution.customers')}</th><th className="num">{t('attribution.revenue')}</th></>}
                  <th className="num">{t('attribution.cost_per_lead')}</th>
                  {report.sold && (
                    <>
                      <th className="num">{t('attribution.cost_per_customer')}</th><th className="num">{t('attribution.ratio')}</th>
                      <th aria-hidden="true" /><th className="num">{t('attribution.net')}</th>
                    </>
                  )}
                </tr>
              </thead>
              <tbody>{report.rows.map((row) => <Row key={row.title} report={report} row={row} most={most} />)}</tbody>
            </table>
          </TableScroll>
        </>
      )}
    </div>
  );
}
