import type { RecordRow, Total } from '@/api/types';

/** A pool I may grab from or look after, and what is left of my limits; 0 is no limit. */
export interface Pool {
  id: string;
  name: string;
  total: Total;
  enabled: boolean;
  grabs: boolean;
  manages: boolean;
  pick_limit: number;
  picked: number;
  holding_cap: number;
  held: number;
  follow_up_hours: number;
  capacity: number;
}

/** What a pool shows of a lead; hidden fields come masked. */
export interface PoolLead {
  id: string;
  name?: string | null;
  company_name?: string | null;
  job_title?: string | null;
  phone?: string | null;
  email?: string | null;
  region?: string | null;
  industry?: string | null;
  source?: string | null;
  campaign?: string | null;
  product_interest?: string | null;
  score?: number | null;
  tier?: string | null;
  created_at: string;
  pooled_at: string;
  entered: 'entered' | 'released' | 'recycled' | '';
  reason: string;
  returns: number;
  cooling_until: string | null;
}

export interface Grabbed {
  lead: RecordRow;
  since: string | null;
  alert_at: string | null;
  recycle_at: string | null;
  recycle: 'follow_up' | 'deal' | null;
  pick_limit: number;
  picked: number;
  holding_cap: number;
  held: number;
}

export const sorts = ['score', 'newest', 'recycled'] as const;
export type Sort = (typeof sorts)[number];

/** What came of my try on a lead. */
export type Outcome =
  | { kind: 'grabbing' }
  | { kind: 'mine'; grabbed: Grabbed }
  | { kind: 'lost'; text: string };

export function leadTitle(lead: PoolLead): string {
  return lead.company_name || lead.name || '';
}

/** What is left of the picks and of what one may hold; null when there is no limit. */
export function left(pool: Pick<Pool, 'pick_limit' | 'picked' | 'holding_cap' | 'held'>): { picks: number | null; holds: number | null } {
  return {
    picks: pool.pick_limit > 0 ? Math.max(0, pool.pick_limit - pool.picked) : null,
    holds: pool.holding_cap > 0 ? Math.max(0, pool.holding_cap - pool.held) : null,
  };
}

/**
 * The leads of the pool, with those I tried kept where they stood, though they are in the pool no more:
 * nothing moves under the finger.
 */
export function withTried(shown: PoolLead[], fresh: PoolLead[], tried: ReadonlyMap<string, Outcome>): PoolLead[] {
  const there = new Set(fresh.map(({ id }) => id));
  const list = [...fresh];
  shown.forEach((lead, index) => {
    if (!there.has(lead.id) && tried.has(lead.id)) list.splice(Math.min(index, list.length), 0, lead);
  });
  return list;
}

/** The next one to look at after this: one nobody tried yet and that may be grabbed. */
export function nextToTry(leads: PoolLead[], from: string, tried: ReadonlyMap<string, Outcome>): PoolLead | undefined {
  const at = leads.findIndex(({ id }) => id === from);
  const open = (lead: PoolLead) => !tried.has(lead.id) && !lead.cooling_until;
  return leads.slice(at + 1).find(open) ?? leads.slice(0, Math.max(at, 0)).find(open);
}

/** "江苏省无锡市" → "江苏省": what regions are narrowed by. */
export function provinceOf(region: string): string {
  return /^(.+?(?:省|自治区|特别行政区|市))/.exec(region)?.[1] ?? region;
}

export interface PoolReport {
  days: number;
  pools: {
    id: string; name: string; total: Total; entered: number; released: number; recycled: number; grabbed: number; assigned: number;
    median_wait_minutes: number | null;
  }[];
  people: { id: string; name: string; held: number; idle: number }[];
  idle_hours: number;
  held: number;
  idle: number;
}

/** The one to open with: where there is something to grab, before an empty one that stands above it. */
export function poolAtFirst(pools: Pool[]): Pool | undefined {
  return pools.find(({ grabs, total }) => grabs && total.value > 0) ?? pools.find(({ grabs }) => grabs) ?? pools[0];
}
