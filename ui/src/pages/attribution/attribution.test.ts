import { describe, expect, it } from 'vitest';
import { byCredit, columnSum, models, mostDisputed, placeKey, range, ratioText, type AttributionReport, type CreditRow, type Model } from './attribution';

const money = (amount: number) => ({ amount: amount.toFixed(2), currency: 'CNY' });
const row = (title: string, first: number, last: number): CreditRow => ({
  title, others: 0, deals: 1, touches: 1, credits: Object.fromEntries(models.map((model) => [model, money(model === 'last' ? last : first)])) as Record<Model, ReturnType<typeof money>>,
});

describe('attribution', () => {
  const rows = [row('a', 10, 40), row('b', 30, 32)];
  it('orders by the model chosen and finds what the models see differently', () => {
    expect(byCredit(rows, 'first').map(({ title }) => title)).toEqual(['b', 'a']);
    expect(byCredit(rows, 'last').map(({ title }) => title)).toEqual(['a', 'b']);
    expect(range(rows[0]!)).toEqual([10, 40]);
    expect(mostDisputed(rows)?.title).toBe('a');
    expect(mostDisputed([])).toBeNull();
  });
  it('adds a column up to the revenue, to the cent', () => {
    const report = { rows: [row('a', 0.1, 0), row('b', 0.2, 0)], untouched: { deals: 1, amount: money(0.3), where: null }, currency: 'CNY' } as unknown as AttributionReport;
    expect(columnSum(report, 'first')).toEqual(money(0.6));
  });
  it('tells what was not said, what shares a row and a name apart', () => {
    expect([{ title: '', others: 0 }, { title: '其他渠道（9 个）', others: 9 }, { title: '展会', others: 0 }].map(placeKey)).toEqual(['-', '*', '展会']);
  });
  it('says a return as people do', () => {
    expect(ratioText('50.00')).toBe('50 : 1');
    expect(ratioText('2.75')).toBe('2.8 : 1');
    expect(ratioText('0.00')).toBe('0 : 1');
  });
});
