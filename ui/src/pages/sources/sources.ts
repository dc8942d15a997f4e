import type { Tone } from '@/api/types';

/** Kinds that are set up on the page of sources, each with an address of its own. */
export const madeKinds = ['webhook', 'wechat', 'site'] as const;
export type MadeKind = (typeof madeKinds)[number];
export type SourceKind = MadeKind | 'form' | 'api' | 'import';

export interface SourceRow {
  kind: SourceKind;
  id: string | null;
  name: string;
  path: string;
  state: 'on' | 'paused' | 'archived';
  refused: number;
  refused_at: string | null;
  refused_why: string;
  last_at: string | null;
  today: number;
  week: number;
  week_failed: number;
  failed: number;
}

export interface Mapped {
  path: string;
  field: string;
}

export interface WebhookConfig {
  signature: 'standard' | 'hex';
  header?: string;
  timestamp_header?: string;
  window_seconds?: number;
  id_path?: string;
  source?: string;
  campaign?: string;
  map: Mapped[];
}

export const occasions = ['follow', 'keyword', 'menu', 'scan', 'message'] as const;
export interface WechatRule {
  on: (typeof occasions)[number];
  value?: string;
  match?: 'contains' | 'equals';
  reply?: string;
  lead?: boolean;
  campaign?: string;
}

export interface WechatConfig {
  app_id: string;
  source?: string;
  rules: WechatRule[];
}

export interface SiteConfig {
  source?: string;
  lead?: boolean;
}

export type AnyConfig = Partial<WebhookConfig & WechatConfig> & SiteConfig;

export interface Source {
  id: string;
  kind: MadeKind;
  name: string;
  path: string;
  config: AnyConfig;
  enabled: boolean;
  has_aes_key: boolean;
  refused: number;
  refused_at: string | null;
  refused_why: string;
}

export interface Made {
  id: string;
  path: string;
  secret: string;
}

const quietAfterMs = 7 * 24 * 3600 * 1000;

export type Health = 'paused' | 'archived' | 'failing' | 'refusing' | 'never' | 'quiet' | 'on';

/** What there is to say of a source at a glance, the worst first. */
export function healthOf(row: SourceRow, now = Date.now()): Health {
  if (row.state !== 'on') return row.state;
  if (row.failed > 0) return 'failing';
  const refusedLast = row.refused_at !== null && (row.last_at === null || row.refused_at > row.last_at);
  if (refusedLast) return 'refusing';
  if (row.last_at === null) return 'never';
  return now - Date.parse(row.last_at) > quietAfterMs ? 'quiet' : 'on';
}

export const healthTone: Record<Health, Tone> = { paused: 'idle', archived: 'idle', failing: 'bad', refusing: 'warn', never: 'idle', quiet: 'warn', on: 'ok' };

/** The share of a week's deliveries that failed; null when there were none. */
export function errorRate(row: SourceRow): number | null {
  return row.week > 0 ? row.week_failed / row.week : null;
}

/** Where in the program a source is opened; null for the one that has no page. */
export function addressOf(row: SourceRow): string | null {
  if (row.kind === 'form') return `/forms/${row.id}?tab=submissions`;
  if (row.kind === 'import') return '/imports?entity=lead';
  return row.kind === 'api' ? '/sources/api' : `/sources/${row.id}`;
}

/** Paths to plain values in an example, to choose from when mapping. */
export function pathsIn(value: unknown, prefix = '', most = 100): string[] {
  if (value === null || typeof value !== 'object') return prefix ? [prefix] : [];
  const found: string[] = [];
  for (const [key, part] of Object.entries(value as Record<string, unknown>)) {
    found.push(...pathsIn(part, prefix ? `${prefix}.${key}` : key, most));
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}

/** A payload as it is read best: indented when it is JSON. */
export function prettyPayload(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}
