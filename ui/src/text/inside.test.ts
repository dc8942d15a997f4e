import { expect, it } from 'vitest';
import { insideSentence } from './i18n';

it('a name inside an English sentence loses its capital unless it is an abbreviation', () => {
  expect(insideSentence('Lost reasons')).toBe('lost reasons');
  expect(insideSentence('ERP order')).toBe('ERP order');
  expect(insideSentence('线索')).toBe('线索');
});
