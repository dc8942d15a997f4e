import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { RecordRow } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { ProgressBar } from '@/part/ProgressBar';
import { SkeletonLines } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { baseOf, rate, running, type Report } from './mailings';

const figures = ['sent', 'opened', 'clicked', 'unsubscribed', 'bounced', 'machine', 'unsure', 'not_sent', 'waiting'] as const;
const asked: Partial<Record<(typeof figures)[number], string>> = {
  sent: 'state=sent', opened: 'did=opened', clicked: 'did=clicked', unsubscribed: 'did=unsubscribed', bounced: 'did=bounced', machine: 'did=machine', unsure: 'did=unsure', not_sent: 'state=not_sent',
};

function Figures({ id, report }: { id: string; report: Report }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { totals } = report;
  const share = (name: (typeof figures)[number]) => {
    const of = name === 'sent' || name === 'waiting' || name === 'not_sent' ? null : rate(totals[name], baseOf(name, report));
    return of === null ? '' : format.percent(of, 1);
  };
  return (
    <dl className="mail-figures">
      {figures.map((name) => (
        <div key={name}>
          <dt className="small-text t2">{t(`mails.figure_${name}`)}</dt>
          <dd>{asked[name] ? <Link className="figure" to={`/mails/results?source=mailing&source_id=${id}&${asked[name]}`}>{format.count(totals[name])}</Link> : <span className="figure">{format.count(totals[name])}</span>} <span className="t2">{share(name)}</span></dd>
        </div>
      ))}
    </dl>
  );
}

function Links({ report }: { report: Report }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (report.links.length === 0) return null;
  return (
    <section>
      <h2>{t('mailings.links')}</h2>
      <TableScroll label={t('mailings.links')}>
        <table className="plain-table">
          <thead><tr><th>{t('mailings.link')}</th><th className="number">{t('mailings.link_people')}</th><th className="number">{t('mailings.link_clicks')}</th></tr></thead>
          <tbody>{report.links.map(({ position, url, people, clicks }) => <tr key={position}><td className="mailing-url">{url}</td><td className="number">{format.count(people)}</td><td className="number">{format.count(clicks)}</td></tr>)}</tbody>
        </table>
      </TableScroll>
    </section>
  );
}

/** How far it is, who did what, and what came of it; while it runs it is read again. */
export function ReportPanel({ record }: { record: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const status = String(record.status);
  const { data, error } = useQuery({
    queryKey: ['mailings', 'report', record.id], queryFn: () => api.get<Report>(`/mailings/${record.id}/report`), refetchInterval: running.includes(status) ? 3000 : 30_000,
  });
  if (error) return <ErrorNotice error={error} />;
  if (!data) return <SkeletonLines />;
  return (
    <div className="mailing-report">
      {data.held && (
        <p className="notice warn" role="status">
          {t('mailings.held', { why: data.held })} {typeof record.segment_id === 'string' && <Link to={`/segments/${record.segment_id}`}>{t('mailings.to_segment')}</Link>}
        </p>
      )}
      {status === 'scheduled' && typeof record.starts_at === 'string' && <p>{t('mailings.scheduled', { at: format.instant(record.starts_at) })}</p>}
      {data.planned > 0 && status !== 'sent' && (
        <div>
          <ProgressBar done={data.handed} total={data.planned} label={t('mailings.progress')} />
          <p className="t2">{t('mailings.handed', { done: format.count(data.handed), all: format.count(data.planned) })}</p>
        </div>
      )}
      <Figures id={record.id} report={data} />
      {data.against.length > 0 && (
        <section>
          <h2>{t('mailings.against')}</h2>
          <ul className="mailing-against">
            {data.against.map(({ reason, why, people }) => <li key={reason}><span className="grow">{why}</span><Link to={`/mails/results?source=mailing&source_id=${record.id}&reason=${reason}`}>{format.count(people)}</Link></li>)}
          </ul>
        </section>
      )}
      <Links report={data} />
      <section>
        <h2>{t('mailings.after')}</h2>
        <p>{t('mailings.after_words', { back: format.count(data.came_back), deals: format.count(data.won_deals), amount: format.money(data.won_amount) })}</p>
        <p className="small-text t2">{t('mailings.after_hint')}</p>
      </section>
    </div>
  );
}
