import type { ConvertCondition, ConvertPreview, Duplicate } from '@/api/types';

export const newOne = 'new';
export const none = 'none';

/** The wizard as it is filled in; account, contact and deal are ids, or say that one is made, or none is. */
export interface Filled {
  account: string;
  account_name?: string;
  contact: string;
  deal: string;
  name?: string;
  pipeline_id?: string;
  amount?: unknown;
  expected_close_date?: string;
}

const isId = (value: string | undefined): value is string => value !== undefined && value !== newOne && value !== none;

/** The deal that is joined, when one is. */
export function dealJoined(preview: ConvertPreview, filled: Pick<Filled, 'deal'>): Duplicate | undefined {
  return preview.duplicates.opportunities.find(({ id }) => id === filled.deal);
}

/** The account the lead comes to: that of the deal it joins, else the one chosen. */
export function accountOf(preview: ConvertPreview, filled: Pick<Filled, 'deal' | 'account'>): string {
  return dealJoined(preview, filled)?.account_id ?? filled.account;
}

/** What the form begins with: the likeliest of what is there, else something new. */
export function startOf({ duplicates, suggested }: ConvertPreview): Filled {
  return {
    account: duplicates.accounts[0]?.id ?? (suggested.account_name ? newOne : none),
    account_name: suggested.account_name ?? undefined,
    contact: newOne,
    deal: newOne,
    name: suggested.opportunity_name ?? undefined,
    pipeline_id: suggested.pipeline_id ?? undefined,
  };
}

export function bodyOf(preview: ConvertPreview, filled: Filled) {
  const joined = dealJoined(preview, filled);
  const { name, pipeline_id, amount, expected_close_date } = filled;
  const account = joined?.account_id || filled.account === none ? null
    : filled.account === newOne ? { name: filled.account_name } : { id: filled.account };
  const there = contactsAt(preview, accountOf(preview, filled)).some(({ id }) => id === filled.contact);
  return {
    account,
    contact: there ? { id: filled.contact } : null,
    opportunity: joined ? { id: joined.id } : filled.deal === none ? null : { name, pipeline_id, amount, expected_close_date },
  };
}

/** Contacts that may be the person, at the account the lead comes to. */
export function contactsAt(preview: ConvertPreview, account: string): Duplicate[] {
  return isId(account) ? preview.duplicates.contacts.filter(({ account_id }) => account_id === account) : [];
}

/** Whether the condition is asked of what is being made. */
export function isAsked(condition: ConvertCondition, preview: ConvertPreview, filled: Partial<Filled>): boolean {
  const deal = filled.deal !== none;
  const account = accountOf(preview, { deal: filled.deal ?? newOne, account: filled.account ?? none }) !== none;
  const pipeline = filled.deal === newOne ? filled.pipeline_id : undefined;
  if (condition.asked_for === 'deal' && !deal) return false;
  if (condition.asked_for === 'account' && !account) return false;
  return condition.pipeline_id === null || (deal && (pipeline === undefined || condition.pipeline_id === pipeline));
}
