import type { Money } from '@/api/types';

export interface Group {
  people: number;
  converted: number;
  low: number;
  high: number;
}

/** What followed one mail, or one step. */
export interface Effect {
  template_id: string | null;
  name: string;
  step: string;
  people: number;
  opened: number;
  clicked: number;
  after_click: Group;
  without_click: Group;
  verdict: 'few' | 'same' | 'more' | 'less';
  won_deals: number;
  won_amount: Money;
}

export interface Effects {
  within: number;
  compared_least: number;
  data: Effect[];
}

export const verdictStatus = { few: 'idle', same: 'idle', more: 'ok', less: 'warn' } as const;

/** n of all as a share; null when there is nobody. */
export function shareOf(n: number, all: number): number | null {
  return all > 0 ? n / all : null;
}
