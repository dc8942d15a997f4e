import type { ViewForm } from '@/app/registry';
import { dateFields } from './calendar';

export const form: ViewForm = {
  name: 'calendar',
  label: 'calendar.title',
  icon: 'calendar',
  allows: (entity) => dateFields(entity).length > 0,
  load: () => import('./Calendar'),
};
