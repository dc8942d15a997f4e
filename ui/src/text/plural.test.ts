import { expect, it } from 'vitest';
import { en } from './en';
import { enLater } from './en_later';

/* English tells one from several, and a code of which there is no singular is shown as it is. */
it('every English text for several has one for one', () => {
  const texts: Record<string, unknown> = { ...en, ...enLater };
  const keys = new Set(Object.keys(texts));
  const several = [...keys].filter((key) => key.endsWith('_other') && /\{\{(count|figure)/.test(String(texts[key])));
  expect(several.length).toBeGreaterThan(20);
  expect(several.filter((key) => !keys.has(key.replace(/_other$/, '_one')))).toEqual([]);
});
