import { expect, it } from 'vitest';
import { draftOf, emptyDraft, rate } from './mailings';

it('a record gives its draft, and nothing else of it', () => {
  const draft = draftOf({ id: '1', version: 3, name: '春季', spread_hours: 4, segment_id: '9', planned: 7, reply_to: null });
  expect(draft).toEqual({ ...emptyDraft, name: '春季', spread_hours: 4, segment_id: '9' });
});

it('nothing sent has no rate', () => {
  expect(rate(0, 0)).toBeNull();
  expect(rate(3, 12)).toBe(0.25);
});
