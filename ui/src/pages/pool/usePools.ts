import { useCallback, useEffect, useRef, useState } from 'react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { recordKeys, refreshRecords } from '@/api/records';
import type { Page } from '@/api/types';
import { message } from '@/app/say';
import { useErrorText } from '@/part/ErrorNotice';
import { poolAtFirst, type Grabbed, type Outcome, type Pool, type PoolLead, type PoolReport, type Sort } from './pools';

/** Below the lists of pools, so that the live feed's word of a pool reads them again. */
const base = recordKeys.lists('lead_pools');

export function usePools(enabled = true) {
  return useQuery({ enabled, queryKey: [...base, 'mine'], queryFn: () => api.get<{ any: boolean; data: Pool[] }>('/lead_pools/mine') });
}

/** The pool the address names. One the page chose itself is written there: it stays, though its last lead is grabbed. */
export function useChosenPool(pools: Pool[]): [Pool | undefined, (id: string) => void] {
  const [search, setSearch] = useSearchParams();
  const named = search.get('pool');
  const pool = pools.find(({ id }) => id === named) ?? poolAtFirst(pools);
  const choose = useCallback((id: string, replace = false) => setSearch((before) => {
    const after = new URLSearchParams(before);
    after.set('pool', id);
    return after;
  }, { replace }), [setSearch]);
  const id = pool?.id;
  useEffect(() => {
    if (id && id !== named) choose(id, true);
  }, [id, named, choose]);
  return [pool, choose];
}

export interface Narrowed {
  sort: Sort;
  region: string;
  industry: string;
}

export function usePoolLeads(pool: string, narrowed: Narrowed) {
  return useInfiniteQuery({
    queryKey: [...base, 'leads', pool, narrowed],
    queryFn: ({ pageParam }) => api.get<Page<PoolLead>>(`/lead_pools/${pool}/leads`, {
      sort: narrowed.sort, region: narrowed.region || undefined, industry: narrowed.industry || undefined, cursor: pageParam,
    }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export function usePoolReport(days: number) {
  return useQuery({ queryKey: [...base, 'report', days], queryFn: () => api.get<PoolReport>('/lead_pools/report', { days }) });
}

/** Refusals that say nothing of this lead but of me: the others are not to be had either. */
const mine = new Set(['pool.picked_out', 'pool.cap']);

/** Grabs leads and remembers what came of each try. */
export function useGrab() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [tried, setTried] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const busy = useRef(new Set<string>());

  const put = (id: string, outcome: Outcome | null) => setTried((before) => {
    const after = new Map(before);
    if (outcome) after.set(id, outcome);
    else after.delete(id);
    return after;
  });
  const refresh = () => client.invalidateQueries({ queryKey: base });
  const grab = async (lead: PoolLead): Promise<Grabbed | null> => {
    if (busy.current.has(lead.id)) return null;
    busy.current.add(lead.id);
    put(lead.id, { kind: 'grabbing' });
    try {
      const grabbed = await api.post<Grabbed>(`/leads/${lead.id}/grab`);
      put(lead.id, { kind: 'mine', grabbed });
      void refreshRecords(client, 'leads');
      void refresh();
      return grabbed;
    } catch (error) {
      const refused = error instanceof ApiError && (error.status === 409 || error.status === 404);
      if (refused && !mine.has(String(error.problem.code))) {
        put(lead.id, { kind: 'lost', text: error.status === 404 ? t('pool.gone') : errorText(error) });
      } else {
        put(lead.id, null);
        message.warning(errorText(error));
      }
      void refresh();
      return null;
    } finally {
      busy.current.delete(lead.id);
    }
  };
  return { tried, grab };
}
