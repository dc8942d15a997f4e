import { describe, expect, it } from 'vitest';
import { gap, judged, verdict, type Outlook } from './forecast';

const money = (amount: string) => ({ amount, currency: 'CNY' });
const outlook = (target: string | null): Outlook => ({
  parts: [], expected: money('320.50'), low: money('200'), high: money('400'), target: target === null ? null : money(target), adjusted: money('-20.00'), overdue: 0, other: 0,
  opinions: { open: money('0'), fresh: money('0'), deals: money('0'), history: money('0'), naive: money('0') },
});

describe('forecast', () => {
  it('adds what managers say, and measures the rest against the target', () => {
    expect(judged(outlook(null))).toEqual(money('300.50'));
    expect(gap(outlook('400.00'))).toEqual(money('99.50'));
    expect(gap(outlook('100.00'))).toEqual(money('-200.50'));
    expect(gap(outlook(null))).toBeNull();
  });

  it('names the sum it measures when managers adjusted the expectation', () => {
    const untouched = (target: string) => ({ ...outlook(target), adjusted: money('0.00') });
    expect([outlook('310.00'), untouched('310.00'), outlook('300.50'), untouched('400.00')].map(verdict)).toEqual(['short_judged', 'reached', 'reached_judged', 'short']);
    expect(verdict(outlook(null))).toBeNull();
  });
});
