import type { Translation } from '../translation';
import type { record as zh } from '../zh/record';

export const record: Translation<typeof zh> = {
  'record.changed': '{{field}} of {{record}} changed',
  'record.somebody': 'A colleague',
  'record.conflict': '{{who}} changed “{{field}}” while you were editing',
  'record.mine': 'Yours: ',
  'record.theirs': '{{who}}: ',
  'record.before': 'Before: ',
  'record.keep_chosen': 'Save the chosen one',
};
