import { expect, it } from 'vitest';
import { withoutOff } from '@/api/meta';
import type { Entity } from '@/api/types';
import { homeOf } from '@/app/clouds';
import { switched } from './Modules';

const entity = (name: string, module: string, custom = false) => ({ name, module, custom, plural: `${name}s`, fields: [] }) as unknown as Entity;

it('a cloud that is off takes its record types away and leaves what is shared or the company made', () => {
  const meta = { labels: {}, entities: [entity('lead', 'customer'), entity('opportunity', 'sales'), entity('user', 'platform'), entity('x_site', '', true)] };
  expect(withoutOff(meta, ['marketing']).entities.map(({ name }) => name)).toEqual(['lead', 'user', 'x_site']);
  expect(withoutOff(meta, ['sales']).entities).toHaveLength(4);
});

it('what is shared moves under a cloud that is on', () => {
  expect(homeOf(entity('lead', 'customer'), ['marketing', 'sales'])).toBe('sales');
  expect(homeOf(entity('lead', 'customer'), ['marketing', 'data'])).toBe('marketing');
  expect(homeOf(entity('lead', 'customer'), [])).toBeUndefined();
});

it('a switch changes one cloud and keeps the order', () => {
  expect(switched(['data', 'sales'], 'marketing', true)).toBe('marketing sales data');
  expect(switched(['sales', 'data'], 'sales', false)).toBe('data');
});
