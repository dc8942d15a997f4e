import { expect, it } from 'vitest';
import { acceptance } from './handovers';

it('the share accepted is of those answered, and unknown before any answer', () => {
  expect(acceptance({ accepted: 3, returned: 1 })).toBe(0.75);
  expect(acceptance({ accepted: 0, returned: 0 })).toBeNull();
});
