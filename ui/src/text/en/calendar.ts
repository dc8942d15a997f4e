import type { Translation } from '../translation';
import type { calendar as zh } from '../zh/calendar';

export const calendar: Translation<typeof zh> = {
  'calendar.today': 'Today',
  'calendar.previous_month': 'Previous month',
  'calendar.next_month': 'Next month',
  'calendar.previous_week': 'Previous week',
  'calendar.next_week': 'Next week',
  'calendar.month': 'Month',
  'calendar.week': 'Week',
  'calendar.span': 'Month or week',
  'calendar.by': 'By which date',
  'calendar.days': 'Days',
  'calendar.nothing': 'Nothing on this day',
  'calendar.more_one': '{{count}} more',
  'calendar.more_other': '{{count}} more',
  'calendar.move': 'Move "{{record}}" to another day',
  'calendar.moved': '"{{record}}" moved to {{day}}',
  'calendar.too_many_one': 'Only the first {{count}} is drawn. Narrow the list by a condition, or',
  'calendar.too_many_other': 'Only the first {{count}} are drawn. Narrow the list by a condition, or',
  'calendar.as_list': 'see them as a list',
  'calendar.instructions': 'Space lifts, arrows change the day, Space drops, Escape cancels.',
};
