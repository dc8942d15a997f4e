import { useEffect, useMemo, useRef, useState } from 'react';
import { Select } from 'antd';
import { useNavigate, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useSize } from '@/app/preferences';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { useHotkeys } from '@/part/hotkeys';
import { SkeletonRows } from '@/part/Skeleton';
import { AssignBar } from './AssignBar';
import { GrabbedToast } from './GrabbedToast';
import { PoolPane } from './PoolPane';
import { PoolRow } from './PoolRow';
import { left, nextToTry, provinceOf, sorts, withTried, type Grabbed, type Pool, type PoolLead, type Sort } from './pools';
import { useGrab, usePoolLeads, type Narrowed } from './usePools';

function useNarrowed(): [Narrowed, (change: Partial<Narrowed>) => void] {
  const [search, setSearch] = useSearchParams();
  const sort = sorts.find((name) => name === search.get('sort')) ?? 'score';
  const narrowed = { sort, region: search.get('region') ?? '', industry: search.get('industry') ?? '' };
  const change = (next: Partial<Narrowed>) => setSearch((before) => {
    const after = new URLSearchParams(before);
    for (const [name, value] of Object.entries(next)) {
      if (value) after.set(name, value);
      else after.delete(name);
    }
    return after;
  }, { replace: true });
  return [narrowed, change];
}

/** The values of what is shown, to narrow by; the one chosen stays offered. */
function useChoices(leads: PoolLead[], of: (lead: PoolLead) => string | null | undefined, chosen: string) {
  return useMemo(() => {
    const values = new Set(leads.map(of).filter((value): value is string => !!value));
    if (chosen) values.add(chosen);
    return [...values].sort().map((value) => ({ value, label: value }));
  }, [leads, of, chosen]);
}

const regionOf = (lead: PoolLead) => (lead.region ? provinceOf(lead.region) : null);
const industryOf = (lead: PoolLead) => lead.industry;

function Filters({ leads, narrowed, onChange }: { leads: PoolLead[]; narrowed: Narrowed; onChange: (change: Partial<Narrowed>) => void }) {
  const { t } = useTranslation();
  const regions = useChoices(leads, regionOf, narrowed.region);
  const industries = useChoices(leads, industryOf, narrowed.industry);
  const narrow = { allowClear: true, popupMatchSelectWidth: false } as const;
  return (
    <div className="pool-filters">
      <span className="segments" role="group" aria-label={t('pool.order')}>
        {sorts.map((sort: Sort) => (
          <button key={sort} type="button" className={sort === narrowed.sort ? 'on' : undefined} aria-pressed={sort === narrowed.sort} onClick={() => onChange({ sort })}>
            {t(`pool.sort_${sort}`)}
          </button>
        ))}
      </span>
      <Select {...narrow} aria-label={t('pool.region')} placeholder={t('pool.region')} value={narrowed.region || undefined} options={regions} onChange={(region) => onChange({ region: region ?? '' })} />
      <Select {...narrow} aria-label={t('pool.industry')} placeholder={t('pool.industry')} value={narrowed.industry || undefined} options={industries} onChange={(industry) => onChange({ industry: industry ?? '' })} />
    </div>
  );
}

/** What lies in the pool, worked by thumb or by keys. */
export function PoolQueue({ pool }: { pool: Pool }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const size = useSize();
  const [narrowed, setNarrowed] = useNarrowed();
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = usePoolLeads(pool.id, narrowed);
  const { tried, grab } = useGrab();
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [latest, setLatest] = useState<Grabbed | null>(null);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const shown = useRef<PoolLead[]>([]);
  const fresh = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  const leads = useMemo(() => withTried(shown.current, fresh, tried), [fresh, tried]);
  useEffect(() => { shown.current = leads; }, [leads]);

  const chosen = leads.find(({ id }) => id === chosenId) ?? leads[0];
  const { picks, holds } = left(pool);
  const may = pool.grabs && picks !== 0 && holds !== 0;
  const go = (step: 1 | -1) => {
    const at = chosen ? leads.indexOf(chosen) : -1;
    const next = leads[at + step];
    if (next) setChosenId(next.id);
  };
  const take = async (lead: PoolLead) => {
    if (!may || tried.has(lead.id) || lead.cooling_until) return;
    setChosenId(lead.id);
    const grabbed = await grab(lead);
    if (!grabbed) return;
    setLatest(grabbed);
    if (size !== 'phone') setChosenId((now) => (now === lead.id ? nextToTry(leads, lead.id, new Map([...tried, [lead.id, { kind: 'grabbing' }]]))?.id ?? now : now));
  };
  useHotkeys({
    j: () => go(1),
    k: () => go(-1),
    g: () => chosen && void take(chosen),
    o: () => latest && void navigate(`/leads/${latest.lead.id}`),
  });
  const onScroll = ({ currentTarget: list }: React.UIEvent) => {
    if (list.scrollHeight - list.scrollTop - list.clientHeight < 600 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };

  if (error && leads.length === 0) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  return (
    <>
      <Filters leads={leads} narrowed={narrowed} onChange={setNarrowed} />
      {isPending && <SkeletonRows count={10} />}
      {!isPending && leads.length === 0 && <Empty title={t(narrowed.region || narrowed.industry ? 'pool.nothing_fits' : 'pool.empty')} hint={t('pool.empty_hint')} />}
      {leads.length > 0 && (
        <div className="pool-body">
          <ul className="pool-list" aria-label={pool.name} onScroll={onScroll}>
            {leads.map((lead) => (
              <PoolRow
                key={lead.id} lead={lead} outcome={tried.get(lead.id)} chosen={lead === chosen} may={may} grabs={pool.grabs}
                picked={pool.manages ? picked.has(lead.id) : undefined}
                onPick={(on) => setPicked((before) => new Set(on ? [...before, lead.id] : [...before].filter((id) => id !== lead.id)))}
                onChoose={() => setChosenId(lead.id)} onGrab={() => void take(lead)}
              />
            ))}
          </ul>
          {size === 'wide' && chosen && <PoolPane pool={pool} lead={chosen} outcome={tried.get(chosen.id)} may={may} onGrab={() => void take(chosen)} />}
        </div>
      )}
      {pool.manages && picked.size > 0 && <AssignBar pool={pool} ids={[...picked]} onDone={() => setPicked(new Set())} />}
      {latest && picked.size === 0 && <GrabbedToast grabbed={latest} onClose={() => setLatest(null)} />}
    </>
  );
}
