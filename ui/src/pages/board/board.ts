import type { Money, RecordRow } from '@/api/types';
import type { Stage } from '@/sales/stages';

/** A pipeline's deals by stage, as the server gives them; sums cover all deals, not only the cards. */
export interface BoardColumn {
  stage: Stage & {
    /** How long deals usually stand here, and from when one stands too long. */
    usual_days?: number | null; limit_days?: number | null; probability: string;
  };
  count: number;
  sum: Money;
  weighted: Money;
  unknown_amounts: number;
  other_currencies?: number;
  cards: RecordRow[];
}

export interface BoardData {
  pipeline: { id: string; name: string };
  columns: BoardColumn[];
}

const minorPlaces = 2;
const millionths = 6;

/** Decimal string → whole number of 10^-places; more digits are cut. */
function units(decimal: string, places: number): bigint {
  const negative = decimal.startsWith('-');
  const [whole = '0', fraction = ''] = decimal.replace(/^-/, '').split('.');
  const size = BigInt(whole + fraction.padEnd(places, '0').slice(0, places));
  return negative ? -size : size;
}

function decimal(minor: bigint): string {
  const negative = minor < 0n;
  const digits = (negative ? -minor : minor).toString().padStart(minorPlaces + 1, '0');
  return `${negative ? '-' : ''}${digits.slice(0, -minorPlaces)}.${digits.slice(-minorPlaces)}`;
}

/** Exact sum of amounts of one currency; amounts of others are left out. */
export function sumOf(currency: string, amounts: Money[]): Money {
  const minor = amounts.filter((money) => money.currency === currency)
    .reduce((sum, money) => sum + units(money.amount, minorPlaces), 0n);
  return { amount: decimal(minor), currency };
}

function weightedOf(sum: Money, probability: string): Money {
  const minor = (units(sum.amount, minorPlaces) * units(probability, millionths)) / 10n ** BigInt(millionths);
  return { amount: decimal(minor), currency: sum.currency };
}

function negated(money: Money): Money {
  return { ...money, amount: money.amount.startsWith('-') ? money.amount.slice(1) : `-${money.amount}` };
}

/** The column with one deal more or fewer: cards, count and sums. */
function changed(column: BoardColumn, deal: RecordRow, by: 1 | -1, cards: RecordRow[]): BoardColumn {
  const amount = deal.amount as Money | null | undefined;
  const sum = amount ? sumOf(column.sum.currency, [column.sum, by === 1 ? amount : negated(amount)]) : column.sum;
  return {
    ...column, cards, sum, weighted: weightedOf(sum, column.stage.probability), count: column.count + by,
    unknown_amounts: column.unknown_amounts + (amount ? 0 : by),
  };
}

/** The board as it will be once the deal stands in that stage; used until the server has answered. */
export function withMoved(board: BoardData, dealId: string, stageId: string, now: string): BoardData {
  const from = board.columns.find(({ cards }) => cards.some((card) => card.id === dealId));
  const deal = from?.cards.find((card) => card.id === dealId);
  if (!from || !deal || from.stage.id === stageId) return board;
  const moved = { ...deal, stage_id: stageId, stage_entered_at: now };
  return {
    ...board,
    columns: board.columns.map((column) => {
      if (column === from) return changed(column, deal, -1, column.cards.filter((card) => card !== deal));
      return column.stage.id === stageId ? changed(column, deal, 1, [moved, ...column.cards]) : column;
    }),
  };
}

/** Whole days the deal has been in its stage. */
export function daysInStage(deal: RecordRow, now: number): number | null {
  const entered = typeof deal.stage_entered_at === 'string' ? Date.parse(deal.stage_entered_at) : NaN;
  return Number.isNaN(entered) ? null : Math.max(0, Math.floor((now - entered) / 86_400_000));
}

/** Stands longer in an open stage than deals usually do. */
export function isStalled(deal: RecordRow, stage: BoardColumn['stage'], now: number): boolean {
  const days = daysInStage(deal, now);
  const limit = stage.limit_days ?? stage.usual_days;
  return stage.kind === 'open' && !!limit && days !== null && days > limit;
}
