import { lazy, Suspense, useMemo, useState } from 'react';
import { Select } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { Trans, useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { recordPath, useModel } from '@/api/meta';
import { useAny } from '@/api/records';
import { useMay } from '@/api/session';
import type { HomeView, OpenCount, TeamFigure, TeamHome as Team, TeamPerson } from '@/api/types';
import { useSize } from '@/app/preferences';
import { linkTo } from '@/condition/where';
import { nothing } from '@/format/format';
import { spoken, titleOf } from '@/field/references';
import { useFormat } from '@/format/useFormat';
import { Avatar } from '@/part/Avatar';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import FirstSteps from './FirstSteps';
import { FunnelSteps } from './FunnelSteps';
import { HomeFigures, HomeHead } from './HomeHead';
import { useNextAct, useSlipWords } from './Slip';
import './overview.css';

const ReassignDialog = lazy(() => import('./ReassignDialog'));

const columns: TeamFigure[] = ['idle_lead', 'overdue_lead', 'overdue_deal', 'overdue_task'];

/** A count that opens its records; zero opens nothing. Idle and overdue are never good. */
function Count({ count, label }: { count: OpenCount | undefined; label: string }) {
  const format = useFormat();
  if (!count) return <span className="t3">{nothing}</span>;
  if (count.value === 0) return <span className="t3">0</span>;
  return <Link to={linkTo(count.entity, count.where)} aria-label={`${label} ${format.total(count)}`}>{format.total(count)}</Link>;
}

/** Gives a part of somebody's work to a colleague; nothing where there is none. */
function Reassign({ person }: { person: TeamPerson }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const model = useModel();
  const any = burden(person) + (person.open_deals?.count ?? 0) > 0;
  const may = ['lead', 'opportunity', 'task'].some((name) => model.named(name)?.actions.assign);
  if (!any || !may) return null;
  return (
    <>
      <button type="button" className="quiet-button small" aria-label={t('home.reassign_of', { name: person.name })} onClick={() => setOpen(true)}>{t('home.reassign')}</button>
      {open && <Suspense fallback={null}><ReassignDialog person={person} onClose={() => setOpen(false)} /></Suspense>}
    </>
  );
}

/** How much of it needs the manager. */
function burden(person: TeamPerson): number {
  return columns.reduce((sum, name) => sum + (person.figures[name]?.value ?? 0), 0);
}

/** Where the team's own count was cut short, as many as its people have are seen for certain. */
function ofTeam(data: Team, name: TeamFigure): OpenCount | undefined {
  const own = data.team.figures[name];
  if (!own || own.exact) return own;
  return { ...own, value: Math.max(own.value, data.people.reduce((sum, { figures }) => sum + (figures[name]?.value ?? 0), 0)) };
}

/** What somebody did last, on what. */
function LastDone({ person }: { person: TeamPerson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const model = useModel();
  const { last } = person;
  if (!last) return <span className="t3">{t('home.nothing_done')}</span>;
  const subject = last._refs?.subject_id;
  const entity = model.named(subject?.entity);
  const at = String(last.occurred_at ?? last.created_at);
  return (
    <span className="last-done">
      {subject && entity && <Link to={recordPath(entity, subject.id)}>{spoken(subject.title)}</Link>}
      <span className="ellipsis t2">{String(last.content ?? '')}</span>
      <span className="t3 nowrap">{format.near(at)}</span>
    </span>
  );
}

function PeopleTable({ people }: { people: TeamPerson[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <TableScroll label={t('home.person')}>
      <table className="plain-table team-table">
        <thead>
          <tr>
            <th>{t('home.person')}</th>
            {columns.map((name) => <th key={name} className="num">{t(`home.${name}`)}</th>)}
            <th className="num">{t('home.open_deals')}</th><th className="num">{t('home.open_sum')}</th><th>{t('home.working_on')}</th><td />
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <tr key={person.id}>
              <th scope="row"><span className="row"><Avatar name={person.name} small />{person.name}</span></th>
              {columns.map((name) => <td key={name} className="num"><Count count={person.figures[name]} label={`${person.name} ${t(`home.${name}`)}`} /></td>)}
              <td className="num">
                {person.open_deals ? <Count count={{ ...person.open_deals, value: person.open_deals.count, exact: true }} label={`${person.name} ${t('home.open_deals')}`} /> : nothing}
              </td>
              <td className="num nowrap">{person.open_deals && person.open_deals.count > 0 ? format.shortMoney(person.open_deals.sum) : <span className="t3">{nothing}</span>}</td>
              <td className="last"><LastDone person={person} /></td>
              <td className="num"><Reassign person={person} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** On a phone a person is three lines. */
function PeopleCards({ people }: { people: TeamPerson[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ul className="line-cards">
      {people.map((person) => (
        <li key={person.id}>
          <div className="row"><Avatar name={person.name} small /><b className="grow">{person.name}</b>
            {person.open_deals && person.open_deals.count > 0 && (
              <Link to={linkTo(person.open_deals.entity, person.open_deals.where)}>{format.shortMoney(person.open_deals.sum)}</Link>
            )}
          </div>
          <div className="row wrap dense">
            {columns.map((name) => (person.figures[name]?.value ?? 0) > 0 && (
              <span key={name} className="t2">{t(`home.${name}`)} <Count count={person.figures[name]} label={t(`home.${name}`)} /></span>
            ))}
          </div>
          <div className="dense row"><span className="grow ellipsis"><LastDone person={person} /></span><Reassign person={person} /></div>
        </li>
      ))}
    </ul>
  );
}

const lateEach = 3;

/** What lies longest, with whom: the one list a manager works through. */
function LateList({ late }: { late: Team['late'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const model = useModel();
  const worst = useMemo(() => {
    const seen = new Set<string>();
    const once = late.filter(({ record }) => !seen.has(record.id) && seen.add(record.id));
    return once.filter(({ kind }, index) => once.slice(0, index).filter((other) => other.kind === kind).length < lateEach)
      .sort((a, b) => (a.at ?? '').localeCompare(b.at ?? ''));
  }, [late]);
  if (worst.length === 0) return null;
  return (
    <section className="section">
      <div className="section-head"><h2>{t('home.late')}</h2></div>
      <ul className="slip-list">
        {worst.map(({ kind, entity: name, at, record }) => {
          const entity = model.named(name);
          return (
            <li key={record.id}>
              <div className="row">
                {entity && <Link className="ellipsis grow strong" to={recordPath(entity, record.id)}>{titleOf(entity, record)}</Link>}
                <span className="t2 dense nowrap">{record._refs?.owner_id?.title ?? t('home.nobodys')}</span>
              </div>
              <div className="row dense"><span className="t2 grow">{t(`home.${kind}`)}</span>{at && <span className={kind === 'idle_lead' ? 'warn' : 'bad'}>{t(kind === 'idle_lead' ? 'home.untouched_since' : 'home.due_since', { when: format.near(at) })}</span>}</div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function SlippingDeals({ slipping }: { slipping: NonNullable<Team['slipping']> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const deal = useModel().named('opportunity');
  const words = useSlipWords();
  const nextAct = useNextAct();
  if (!deal) return null;
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('home.group_slipping')}</h2><span className="t2">{format.total(slipping)}</span><span className="grow" />
        {slipping.value > 0 && <Link className="small-text" to={linkTo(slipping.entity, slipping.where)}>{t('home.all')}</Link>}
      </div>
      {slipping.value === 0 && <p className="t2 dense">{t('home.none_slipping')}</p>}
      <ul className="slip-list">
        {slipping.items.map(({ slip, record }) => (
          <li key={record.id}>
            <div className="row">
              <Link className="ellipsis grow strong" to={recordPath(deal, record.id)}>{titleOf(deal, record)}</Link>
              <span className="t2 dense nowrap">{record._refs?.owner_id?.title}</span>
              <span className="amount">{record.amount ? format.shortMoney(record.amount as never) : nothing}</span>
            </div>
            <div className="dense warn">{words(slip)}</div>
            <div className="small-text t3 ellipsis">{nextAct(record)}</div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Nobody to show: before the first lead what to do first, else that people belong to departments. */
function NobodyYet() {
  const { t } = useTranslation();
  const may = useMay();
  const any = useAny(useModel().named('lead'));
  if (any === undefined) return null;
  if (!any) return <FirstSteps view="team" />;
  return (
    <Empty title={t('home.no_people')} hint={t('home.no_people_hint')}>
      {may('users:manage') && <Link to="/settings/users">{t('home.to_users')}</Link>}
    </Empty>
  );
}

/** Those with most that lies; the others are asked for. */
const peopleFirst = 8;

/** The team now: who has what lying, where the funnel is narrow, which deals are about to slip. */
export default function TeamHome({ views }: { views: HomeView[] }) {
  const { t } = useTranslation();
  const may = useMay();
  const format = useFormat();
  const phone = useSize() === 'phone';
  const [search, setSearch] = useSearchParams();
  const department = search.get('department');
  const { data, error, refetch } = useQuery({
    queryKey: ['home', 'team', department], queryFn: () => api.get<Team>('/home/team', { department }), placeholderData: (before) => before,
  });
  const everybody = useMemo(() => [...(data?.people ?? [])].sort((a, b) => burden(b) - burden(a)), [data]);
  const [all, setAll] = useState(false);
  const people = all ? everybody : everybody.slice(0, peopleFirst);
  if (error && !data) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (!data) return <SkeletonRows count={11} />;
  const open = data.team.open_deals;
  const counts = columns.map((name) => ofTeam(data, name) ?? { value: 0, exact: true });
  const [idle, ...late] = counts;
  const slipping = data.slipping ?? { value: 0, exact: true };
  const calm = [...counts, slipping].every(({ value, exact }) => value === 0 && exact);
  const values = {
    idle: format.total(idle!), days: data.idle_days, slipping: format.total(slipping),
    late: format.total({ value: late.reduce((sum, { value }) => sum + value, 0), exact: late.every(({ exact }) => exact) }),
  };
  const idleLeads = ofTeam(data, 'idle_lead');
  return (
    <div className="page">
      <HomeHead
        views={views} view="team"
        sentence={calm ? t('home.team_calm') : <Trans i18nKey="home.team_sentence" values={values} components={{ b: <b /> }} />}
      >
        <HomeFigures figures={[
          ...(open ? [{ code: 'open', label: t('home.open_sum'), value: open.sum, count: open.count, other: open.other, entity: open.entity, where: open.where }] : []),
          ...(idleLeads ? [{ code: 'idle', label: t('home.idle_lead'), ...idleLeads }] : []),
        ]}
        />
      </HomeHead>
      <div className="home-columns">
        <section aria-label={t('home.people')}>
          {data.departments.length > 1 && (
            <div className="row team-filter">
              <Select
                allowClear showSearch={{ optionFilterProp: 'label' }} aria-label={t('home.department')} placeholder={t('home.all_departments')} value={department}
                options={data.departments.map(({ id, name }) => ({ value: id, label: name }))}
                onChange={(id: string | null | undefined) => setSearch(id ? { view: 'team', department: id } : { view: 'team' }, { replace: true })}
              />
            </div>
          )}
          {people.length === 0
            ? <NobodyYet />
            : phone ? <PeopleCards people={people} /> : <PeopleTable people={people} />}
          {everybody.length > peopleFirst && (
            <button type="button" className="link small-text more-lines" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? t('home.fewer_people') : t('home.all_people', { count: everybody.length })}
            </button>
          )}
          {!data.all_people && <p className="t2 dense pad">{t('home.not_all_people')}</p>}
        </section>
        <aside>
          {may('reports:read') && <FunnelSteps department={department} />}
          <LateList late={data.late} />
          {data.slipping && <SlippingDeals slipping={data.slipping} />}
        </aside>
      </div>
    </div>
  );
}
