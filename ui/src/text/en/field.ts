import type { Translation } from '../translation';
import type { field as zh } from '../zh/field';

export const field: Translation<typeof zh> = {
  'field.unseen': 'Deleted, or not for you to see', 'field.yes': 'Yes',
  'field.no': 'No',
  'form.optional': 'optional',
  'form.required': '{{field}} is required',
  'form.all_fields': 'Show all {{count}} fields',
};
