import type { Condition } from '@/api/types';
import type { MailTotals } from '../journey/journey';

export interface Against {
  reason: string;
  why: string;
  people: number;
}

export interface Preflight {
  people: number;
  will: number;
  against: Against[];
  quiet: boolean;
  begins_at: string;
  ends_at: string;
  account: boolean;
}

export interface Report {
  planned: number;
  handed: number;
  left_ms: number;
  held: string;
  totals: MailTotals;
  against: Against[];
  links: { position: number; url: string; people: number; clicks: number }[];
  came_back: number;
  won_deals: number;
  won_amount: { amount: string; currency: string };
}

/** What of a mailing is edited before it is launched. */
export interface Draft {
  name: string;
  template_id: string | null;
  entity_name: 'person' | 'lead';
  segment_id: string | null;
  audience: Condition | null;
  campaign_id: string | null;
  utm_source: string | null;
  utm_campaign: string | null;
  utm_content: string | null;
  sender_name: string | null;
  sender_address: string | null;
  reply_to: string | null;
  starts_at: string | null;
  spread_hours: number;
  per_hour: number;
}

export const emptyDraft: Draft = {
  name: '', template_id: null, entity_name: 'person', segment_id: null, audience: null, campaign_id: null, utm_source: null, utm_campaign: null,
  utm_content: null, sender_name: null, sender_address: null, reply_to: null, starts_at: null, spread_hours: 0, per_hour: 0,
};

/** The draft's part of a record. */
export function draftOf(record: Record<string, unknown>): Draft {
  return Object.fromEntries(Object.keys(emptyDraft).map((key) => [key, record[key] ?? emptyDraft[key as keyof Draft]])) as unknown as Draft;
}

/** Of how many a figure is a share: of those sent; of returns also of those the receiver's server refused at once. */
export function baseOf(name: string, { totals, against }: Pick<Report, 'against'> & { totals: Pick<MailTotals, 'sent'> }): number {
  return totals.sent + (name === 'bounced' ? against.find(({ reason }) => reason === 'bounced')?.people ?? 0 : 0);
}

/** Of so many sent, the share that did something; null while nothing was sent. */
export function rate(part: number, sent: number): number | null {
  return sent > 0 ? part / sent : null;
}

export const running = ['scheduled', 'planning', 'sending'];
