import type { Translation } from '../translation';
import type { workyear as zh } from '../zh/workyear';

export const workyear: Translation<typeof zh> = {
  'workyear.title': 'Working days',
  'workyear.hint': 'Holidays and make-up days: what counts working days goes by them',
  'workyear.none_hint': 'The State Council announces the holidays of a year in November before it. Enter them here, with the weekend days worked for them, and the days your company alone is closed. Clocks of pools, reminders of approvals, handovers, working hours of assignment and journeys go by this calendar.',
  'workyear.before': 'The year before',
  'workyear.after': 'The year after',
  'workyear.working_days_one': '{{count}} working day',
  'workyear.working_days_other': '{{count}} working days',
  'workyear.announced': 'As the State Council announced for {{year}}; days entered here go first.',
  'workyear.not_announced': 'The program does not know the notice for {{year}}: it counts Monday to Friday without the holidays the law sets by date (1 January, 1 and 2 May, 1 to 3 October). Enter Spring Festival, Qingming, Dragon Boat, Mid-Autumn and the make-up days above.',
  'workyear.month': '{{name}}',
  'workyear.off': 'Off',
  'workyear.works': 'Worked',
  'workyear.of_company': 'entered here',
  'workyear.of_notice': 'State Council',
  'workyear.of_law': 'by law',
};
