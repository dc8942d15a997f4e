import { useParams, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { useModel } from '@/api/meta';
import { useRecord } from '@/api/records';
import type { Entity, RecordRow } from '@/api/types';
import { useSize } from '@/app/preferences';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Forbidden, NotThere } from '@/part/Refusal';
import { SkeletonLines } from '@/part/Skeleton';
import { Composer } from '@/record/Composer';
import { Approvals } from './Approvals';
import { Chance } from './Chance';
import { FieldGroups } from './FieldGroups';
import { History } from './History';
import { Consents } from './Consents';
import { Identified } from './Identified';
import { LeadStanding } from './LeadStanding';
import { PhoneComposer } from './PhoneComposer';
import { RecordHead } from './RecordHead';
import { RecordPathBar } from './RecordPathBar';
import { Related } from './Related';
import { Score } from './Score';
import { carriesTags, Tags } from './Tags';
import { Files } from '@/record/Files';
import { hasScripts, Scripts } from '@/record/Scripts';
import { Timeline } from '@/record/Timeline';
import './record.css';

/** What happened and what is next, for types that have a timeline; the history of changes for the others. */
function Story({ entity, record, composer }: { entity: Entity; record: RecordRow; composer: boolean }) {
  if (!entity.timeline) return <History entity={entity} record={record} open />;
  return (
    <>
      {composer && <Composer entity={entity} record={record} />}
      <Timeline entity={entity} record={record} />
    </>
  );
}

function Beside({ entity, record }: { entity: Entity; record: RecordRow }) {
  return (
    <>
      <Approvals entity={entity} record={record} />
      <Score entity={entity} record={record} />
      <Chance entity={entity} record={record} />
      {hasScripts(entity) && <Scripts entity={entity} record={record} />}
      {carriesTags(entity) && <Tags entity={entity} record={record} />}
      {entity.name === 'lead' && <LeadStanding lead={record} />}
      {entity.timeline && <Files entity={entity} record={record} />}
      <Related entity={entity} record={record} />
      {entity.name === 'person' && <Consents personId={record.id} mayUpdate={record._rights?.update !== false} />}
      {entity.name === 'person' && <Identified person={record} />}
      {entity.timeline && <History entity={entity} record={record} />}
    </>
  );
}

type Tab = 'story' | 'fields' | 'related';

/** The parts that have no column of their own become tabs; which one is in the address. */
function useTab(): [Tab, (tab: Tab) => void] {
  const [search, setSearch] = useSearchParams();
  const tab = search.get('tab');
  return [
    tab === 'fields' || tab === 'related' ? tab : 'story',
    (next) => setSearch(next === 'story' ? {} : { tab: next }, { replace: true }),
  ];
}

function Tabs({ tabs, tab, onTab }: { tabs: Tab[]; tab: Tab; onTab: (tab: Tab) => void }) {
  const { t } = useTranslation();
  return (
    <div className="tabs record-tabs" role="group" aria-label={t('record.parts')}>
      {tabs.map((name) => (
        <button key={name} type="button" aria-pressed={name === tab} className={name === tab ? 'on' : undefined} onClick={() => onTab(name)}>
          {t(`record.tab_${name}`)}
        </button>
      ))}
    </div>
  );
}

function RecordBody({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const size = useSize();
  const [tab, setTab] = useTab();
  const fields = <FieldGroups entity={entity} record={record} />;
  if (size === 'phone') {
    return (
      <>
        <Tabs tabs={['story', 'fields', 'related']} tab={tab} onTab={setTab} />
        <div className="record-column">
          {tab === 'fields' && fields}
          {tab === 'related' && <Beside entity={entity} record={record} />}
          {tab === 'story' && <Story entity={entity} record={record} composer={false} />}
        </div>
        {entity.timeline && <PhoneComposer entity={entity} record={record} />}
      </>
    );
  }
  if (size === 'narrow') {
    const shown = tab === 'related' ? 'related' : 'story';
    return (
      <div className="record-columns two">
        <aside aria-label={t('record.tab_fields')}>{fields}</aside>
        <section>
          <Tabs tabs={['story', 'related']} tab={shown} onTab={setTab} />
          {shown === 'related' ? <Beside entity={entity} record={record} /> : <Story entity={entity} record={record} composer />}
        </section>
      </div>
    );
  }
  return (
    <div className="record-columns">
      <aside aria-label={t('record.tab_fields')}>{fields}</aside>
      <section><Story entity={entity} record={record} composer /></section>
      <aside aria-label={t('record.tab_related')}><Beside entity={entity} record={record} /></aside>
    </div>
  );
}

function RecordView({ entity, id }: { entity: Entity; id: string }) {
  const { data: record, error, refetch } = useRecord(entity.plural, id);
  if (error instanceof ApiError && error.status === 404) return <NotThere list={{ to: `/${entity.plural}`, label: entity.label_plural }} />;
  if (error instanceof ApiError && error.status === 403) return <Forbidden />;
  return (
    <div className="page record-page">
      {error && <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>}
      {!record && !error && <div className="pad-page"><SkeletonLines count={8} /></div>}
      {record && (
        <>
          <RecordHead entity={entity} record={record} />
          <RecordPathBar entity={entity} record={record} />
          <RecordBody entity={entity} record={record} />
        </>
      )}
    </div>
  );
}

/** The page of any record: head, path, fields, story, what belongs to it. */
export default function RecordPage() {
  const { plural, id } = useParams();
  const entity = useModel().plural(plural);
  if (!entity || !id || !/^\d+$/.test(id)) return <NotThere />;
  return <RecordView key={`${plural}/${id}`} entity={entity} id={id} />;
}
