import { expect, it } from 'vitest';
import type { Model } from '@/api/meta';
import type { Entity } from '@/api/types';
import { stepsOf } from './firstSteps';

/** A model in which one may do what is named: 'lead.create'. */
const modelOf = (...rights: string[]) => ({
  named: (name: string | undefined) => ({ actions: Object.fromEntries(rights.filter((right) => right.startsWith(`${name}.`)).map((right) => [right.split('.')[1], true])) }) as unknown as Entity,
}) as Pick<Model, 'named'>;

it('offers only what one may do', () => {
  const rep = modelOf('lead.read', 'lead.create', 'task.create', 'opportunity.create');
  expect(stepsOf('today', (permission) => permission === 'leads:grab', rep).map(({ code }) => code)).toEqual(['lead', 'pool', 'task']);
  expect(stepsOf('today', () => false, rep).map(({ code }) => code)).toEqual(['lead', 'task']);
  expect(stepsOf('sources', () => true, rep)).toEqual([]);
  const marketer = modelOf('form.create', 'lead.import', 'campaign.create', 'journey.create');
  expect(stepsOf('sources', () => true, marketer).map(({ code }) => code)).toEqual(['form', 'import', 'campaign', 'journey']);
  expect(stepsOf('sources', () => false, marketer).map(({ code }) => code)).toEqual(['campaign']);
});

it('leaves out what belongs to a cloud that is off', () => {
  const none = { named: () => undefined } as Pick<Model, 'named'>;
  expect(stepsOf('team', () => true, none).map(({ code }) => code)).toEqual(['colleagues']);
});
