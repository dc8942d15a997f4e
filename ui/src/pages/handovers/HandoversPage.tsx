import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { recordPath, useModel } from '@/api/meta';
import { useRecordPages } from '@/api/records';
import { useMay, useSession } from '@/api/session';
import type { Condition, RecordRow } from '@/api/types';
import { useSize } from '@/app/preferences';
import { Pill } from '@/field/FieldValue';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { DaysChoice, useDays } from '@/part/Days';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Forbidden } from '@/part/Refusal';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { HandoverAnswer } from '@/record/HandoverAnswer';
import { HandoverStory } from '@/record/HandoverStory';
import { acceptance, type Counts, type HandoverReport } from './handovers';
import './handovers.css';

const states = ['waiting', 'accepted', 'returned', 'all'] as const;
type State = (typeof states)[number];

function Figures({ report }: { report: HandoverReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { total } = report;
  const figures: [string, string, string?][] = [
    [t('handovers.handed'), format.count(total.handed)],
    [t('handovers.waiting'), format.count(total.waiting), total.late > 0 ? t('handovers.late', { count: total.late }) : undefined],
    [t('handovers.accepted'), format.count(total.accepted), acceptance(total) === null ? undefined : format.percent(acceptance(total) ?? 0)],
    [t('handovers.returned'), format.count(total.returned)],
    [t('handovers.to_accept'), report.minutes_to_accept === null ? nothing : format.duration(report.minutes_to_accept * 60).replace(/ 00 .*$/, '')],
    [t('handovers.converted'), format.count(total.converted), total.won > 0 ? t('handovers.won', { count: total.won }) : undefined],
  ];
  return (
    <dl className="handover-figures">
      {figures.map(([label, figure, note]) => <div key={label}><dt className="t3 small-text">{label}</dt><dd className="figure">{figure}</dd>{note && <dd className="t2 small-text">{note}</dd>}</div>)}
    </dl>
  );
}

function Groups({ head, rows }: { head: string; rows: ({ id: string | null; name: string } & Counts)[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns = ['handed', 'accepted', 'returned', 'converted', 'won'] as const;
  return (
    <TableScroll label={head}>
      <table className="plain-table">
        <thead><tr><th>{head}</th>{columns.map((name) => <th key={name} className="num">{t(name === 'won' ? 'handovers.won_head' : `handovers.${name}`)}</th>)}</tr></thead>
        <tbody>{rows.slice(0, 12).map((row) => <tr key={`${row.id} ${row.name}`}><th scope="row">{row.name || t('handovers.nobody')}</th>{columns.map((name) => <td key={name} className="num">{format.count(row[name])}</td>)}</tr>)}</tbody>
      </table>
    </TableScroll>
  );
}

function Reasons({ report }: { report: HandoverReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const most = Math.max(1, ...report.reasons.map(({ returned }) => returned));
  return (
    <ul className="handover-reasons" aria-label={t('handovers.reasons')}>
      {report.reasons.map((reason) => (
        <li key={reason.id} className="row"><span className="handover-reason ellipsis">{reason.name}</span><span className="bar grow" aria-hidden="true"><b style={{ width: `${(reason.returned / most) * 100}%` }} /></span><span className="num">{format.count(reason.returned)}</span></li>
      ))}
    </ul>
  );
}

/** What was handed over and what became of it; the part of a marketer's page that sales writes. */
function Report() {
  const { t } = useTranslation();
  const days = useDays();
  const { data, error, refetch } = useQuery({ queryKey: ['handovers', 'report', days], queryFn: () => api.get<HandoverReport>('/handovers/report', { days }) });
  return (
    <section className="handover-report">
      <DaysChoice />
      {error && !data && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows count={3} />}
      {data && <Figures report={data} />}
      {data && data.total.handed > 0 && (
        <div className="handover-tables">
          <section><h2>{t('handovers.by_person')}</h2><Groups head={t('handovers.person')} rows={data.people} /></section>
          <section><h2>{t('handovers.by_source')}</h2><Groups head={t('handovers.source')} rows={data.sources} /></section>
          {data.reasons.length > 0 && <section><h2>{t('handovers.reasons')}</h2><Reasons report={data} /></section>}
        </div>
      )}
    </section>
  );
}

function Row({ handover }: { handover: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const model = useModel();
  const { user } = useSession();
  const entity = model.named('handover');
  const lead = model.named('lead');
  const option = (name: string) => entity?.fields.find((field) => field.name === name)?.options?.find(({ code }) => code === handover[name]);
  const state = option('state');
  const outcome = option('outcome');
  const title = handover._refs?.lead_id?.title ?? t('handovers.lead_gone');
  const due = typeof handover.due_at === 'string' ? handover.due_at : null;
  const waiting = handover.state === 'waiting';
  return (
    <li className="handover-row">
      <div className="row wrap">
        {lead && handover.lead_id ? <Link className="strong" to={recordPath(lead, String(handover.lead_id))}>{title}</Link> : <b>{title}</b>}
        {typeof handover.score === 'number' && <span className="t2 small-text">{t('handover.score', { score: handover.score })}</span>}
        {state && <Pill option={state} />}
        {handover.state === 'accepted' && outcome && <Pill option={outcome} />}
        <span className="grow" />
        <span className="t2 dense">{handover._refs?.owner_id?.title ?? t('handovers.nobody')}</span>
        {waiting && due && <span className={Date.parse(due) < Date.now() ? 'bad dense' : 't2 dense'}>{t('handover.due', { when: format.day(due) })}</span>}
        {!waiting && <span className="t3 dense">{format.near(String(handover.decided_at ?? handover.created_at))}</span>}
      </div>
      <HandoverStory handover={handover} />
      {handover.state === 'returned' && <p className="dense"><b>{handover._refs?.return_reason_id?.title}</b> {String(handover.return_note ?? '')}</p>}
      {waiting && handover.owner_id === user.id && <HandoverAnswer handover={handover} />}
    </li>
  );
}

function Rows({ state }: { state: State }) {
  const { t } = useTranslation();
  const where = state === 'all' ? null : ({ field: 'state', op: 'eq', value: state } as Condition);
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useRecordPages('handovers', { where, sort: '-created_at' });
  const rows = data?.pages.flatMap((page) => page.data) ?? [];
  if (error && rows.length === 0) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (isPending) return <SkeletonRows count={8} />;
  if (rows.length === 0) return <Empty title={t(`handovers.empty_${state}`)} hint={t('handovers.empty_hint')} />;
  return (
    <>
      <ul>{rows.map((row) => <Row key={row.id} handover={row} />)}</ul>
      {hasNextPage && <button type="button" className="quiet-button handover-more" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('handovers.more')}</button>}
    </>
  );
}

/** Leads between marketing and sales. */
export default function HandoversPage() {
  const { t } = useTranslation();
  const may = useMay();
  const phone = useSize() === 'phone';
  const entity = useModel().named('handover');
  const [search, setSearch] = useSearchParams();
  const state = states.find((name) => name === search.get('state')) ?? 'waiting';
  // Who takes leads over comes for those that wait, who hands them over for what became of them.
  const reportFirst = may('handover:make') && !phone;
  const choose = (next: State) => setSearch((before) => {
    const after = new URLSearchParams(before);
    after.set('state', next);
    return after;
  });
  if (!entity) return <Forbidden />;
  return (
    <div className="page">
      <header className="page-head"><h1>{t('handover.title')}</h1><span className="grow" />{may('handover:make') && <Link className="t2 dense" to="/settings/handover-reasons">{t('handovers.settings')}</Link>}</header>
      <div className="scroll-y">
        {reportFirst && may('reports:read') && <Report />}
        <div className="tabs handover-tabs" role="group" aria-label={t('handovers.states')}>
          {states.map((name) => <button key={name} type="button" className={name === state ? 'on' : undefined} aria-pressed={name === state} onClick={() => choose(name)}>{t(`handovers.state_${name}`)}</button>)}
        </div>
        <Rows key={state} state={state} />
        {!reportFirst && may('reports:read') && <Report />}
      </div>
    </div>
  );
}
