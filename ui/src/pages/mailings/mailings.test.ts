import { expect, it } from 'vitest';
import { baseOf, draftOf, emptyDraft, rate } from './mailings';

it('a record gives its draft, and nothing else of it', () => {
  const draft = draftOf({ id: '1', version: 3, name: '春季', spread_hours: 4, segment_id: '9', planned: 7, reply_to: null });
  expect(draft).toEqual({ ...emptyDraft, name: '春季', spread_hours: 4, segment_id: '9' });
});

it('nothing sent has no rate', () => {
  expect(rate(0, 0)).toBeNull();
  expect(rate(3, 12)).toBe(0.25);
});

it('a return is one of those that went or were refused, all else of those that went', () => {
  const report = { totals: { sent: 3 }, against: [{ reason: 'bounced', why: '', people: 1 }, { reason: 'no_address', why: '', people: 9 }] };
  expect(baseOf('bounced', report)).toBe(4);
  expect(baseOf('clicked', report)).toBe(3);
});
