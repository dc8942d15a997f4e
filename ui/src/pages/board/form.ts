import type { ViewForm } from '@/app/registry';

export const form: ViewForm = {
  name: 'board',
  label: 'board.title',
  icon: 'board',
  allows: (entity) => entity.name === 'opportunity',
  endedApart: true,
  load: () => import('./Board'),
};
