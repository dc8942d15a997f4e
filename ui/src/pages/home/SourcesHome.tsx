import { useMemo, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { Trans, useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, recordPath, useModel } from '@/api/meta';
import { useAny, useRecords } from '@/api/records';
import { useMay } from '@/api/session';
import type { Condition, Entity, HomeView, SourceLine, SourcesHome as Sources } from '@/api/types';
import { and, linkTo } from '@/condition/where';
import { FieldValue } from '@/field/FieldValue';
import { titleOf } from '@/field/references';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { HomeHead } from './HomeHead';
import FirstSteps from './FirstSteps';
import { CampaignReturns, RunningJourneys } from './MarketingNow';
import './overview.css';

function Opens({ count, where }: { count: number; where: Condition }) {
  const format = useFormat();
  return count > 0 ? <Link to={linkTo('leads', where)}>{format.count(count)}</Link> : <span className="t3">0</span>;
}

/** More or fewer than before, with the sign; neither is good or bad of itself. */
function Change({ now, before }: { now: number; before: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (now === before) return <span className="t3">{t('home.same')}</span>;
  return <span className="t2">{now > before ? '↑' : '↓'} {format.count(Math.abs(now - before))}</span>;
}

const fates = [['untouched', 'new'], ['converted', 'converted'], ['returned', 'returned'], ['disqualified', 'disqualified']] as const;

const shownFirst = 8;

function SourceTable({ lines, days }: { lines: SourceLine[]; days: number }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const shown = all || lines.length <= shownFirst + 1 ? lines : lines.slice(0, shownFirst);
  const most = Math.max(1, ...lines.map(({ leads }) => leads));
  return (
    <>
      <TableScroll label={t('home.source')}>
        <table className="plain-table source-table">
          <thead>
            <tr>
              <th>{t('home.source')}</th><th className="num">{t('home.leads')}</th><th aria-hidden="true" className="bar-cell" />
              <th className="num">{t('home.against_before', { days })}</th>
              {fates.map(([name]) => <th key={name} className="num">{t(`home.${name}`)}</th>)}
            </tr>
          </thead>
          <tbody>
            {shown.map((line) => (
              <tr key={line.source}>
                <th scope="row">{line.source || t('home.no_source')}</th>
                <td className="num strong"><Opens count={line.leads} where={line.where} /></td>
                <td aria-hidden="true" className="bar-cell"><span className="bar"><b style={{ width: `${(line.leads / most) * 100}%` }} /></span></td>
                <td className="num"><Change now={line.leads} before={line.before} /></td>
                {fates.map(([name, status]) => (
                  <td key={name} className="num"><Opens count={line[name]} where={and(line.where, { field: 'status', op: 'eq', value: status })} /></td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      {lines.length > shownFirst + 1 && (
        <button type="button" className="link small-text more-lines" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t('home.fewer_sources', { count: shownFirst }) : t('home.all_sources', { count: lines.length })}
        </button>
      )}
    </>
  );
}

/** Given back to marketing it is nurtured again; from sales into a pool it is returned. */
const refused: Condition = { any: [{ field: 'status', op: 'in', value: ['returned', 'disqualified'] }, { all: [{ field: 'status', op: 'eq', value: 'nurturing' }, { field: 'returned_reason', op: 'not_empty' }] }] };

/** What sales did not take, newest first, with the reason when one was written. */
function SaidBySales({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useRecords(entity.plural, { where: refused, limit: 5 });
  const status = fieldOf(entity, 'status');
  const rows = data?.data ?? [];
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('home.said_by_sales')}</h2><span className="grow" />
        {rows.length > 0 && <Link className="small-text" to={linkTo(entity.plural, refused)}>{t('home.all')}</Link>}
      </div>
      {data && rows.length === 0 && <p className="t2 dense">{t('home.all_taken')}</p>}
      <ul className="slip-list">
        {rows.map((row) => (
          <li key={row.id}>
            <div className="row">
              <Link className="ellipsis grow strong" to={recordPath(entity, row.id)}>{titleOf(entity, row)}</Link>
              {status && <span className="dense"><FieldValue field={status} record={row} /></span>}
            </div>
            <div className="dense t2 ellipsis">{[row.source, row.company_name].filter(Boolean).join(t('home.comma'))}</div>
            <div className="small-text t3 ellipsis">
              {[(row.status === 'disqualified' ? row.disqualified_reason : row.returned_reason) || t('home.no_reason'), row._refs?.owner_id?.title, format.near(row.updated_at)].filter(Boolean).join(' · ')}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What comes in, from where, what sales made of it, what runs by itself and what came of what was spent. */
export default function SourcesHome({ views }: { views: HomeView[] }) {
  const { t } = useTranslation();
  const may = useMay();
  const model = useModel();
  const lead = model.named('lead');
  const { data, error, refetch } = useQuery({ queryKey: ['home', 'sources'], queryFn: () => api.get<Sources>('/home/sources') });
  const any = useAny(lead);
  const lines = useMemo(() => [...(data?.sources ?? [])].sort((a, b) => b.leads - a.leads || b.before - a.before), [data]);
  if (error && !data) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (!data || any === undefined) return <SkeletonRows count={11} />;
  const nothing = lines.length === 0 && !any;
  const journeys = may('marketing:manage') && !!model.named('journey');
  const returns = may('reports:read') && !!model.named('cost') && !!model.named('campaign');
  const sum = (name: 'leads' | 'before' | 'untouched' | 'returned' | 'disqualified') => lines.reduce((total, line) => total + line[name], 0);
  const values = { days: data.days, count: sum('leads'), best: lines[0]?.source || t('home.no_source'), most: lines[0]?.leads ?? 0, refused: sum('returned') + sum('disqualified') };
  return (
    <div className="page">
      <HomeHead
        views={views} view="sources"
        sentence={values.count > 0 ? <Trans i18nKey="home.sources_sentence" values={values} components={{ b: <b /> }} /> : t('home.sources_none', { days: data.days })}
      />
      {nothing ? <FirstSteps view="sources" /> : (
        <div className="home-columns">
          <section aria-label={t('home.view_sources')}>
            {lines.length > 0 && <SourceTable lines={lines} days={data.days} />}
            {!data.all && <p className="t2 dense pad">{t('home.not_all_leads')}</p>}
            {returns && <CampaignReturns />}
          </section>
          <aside>
            {journeys && <RunningJourneys />}
            {lead && <SaidBySales entity={lead} />}
          </aside>
        </div>
      )}
    </div>
  );
}
