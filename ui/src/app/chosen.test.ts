import { describe, expect, it } from 'vitest';
import { placeOf } from './chosen';

describe('the item of a queue that is open', () => {
  const last = { key: 'b', at: 1 };

  it('stays open when something arrives above, unless another is asked for', () => {
    expect(placeOf(['new', 'a', 'b'], null, last)).toBe(2);
    expect(placeOf(['a', 'b'], 'a', last)).toBe(0);
  });

  it('is what comes after the one that is done, and the last when there is none after', () => {
    expect(placeOf(['a', 'c'], 'b', last)).toBe(1);
    expect(placeOf(['a'], 'b', last)).toBe(0);
    expect(placeOf([], null, last)).toBe(0);
  });
});
