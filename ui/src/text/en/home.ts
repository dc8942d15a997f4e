import type { Translation } from '../translation';
import type { home as zh } from '../zh/home';

export const home: Translation<typeof zh> = {
  'home.sentence': '{{day}}. <b>{{count}} things</b> to do, in the order they matter.',
  'home.sentence_late': '{{day}}. <b>{{count}} things</b> to do, <b>{{late}}</b> of them overdue.',
  'home.sentence_none': '{{day}}. Everything for today is done.',
  'home.group_new': 'New leads, first contact',
  'home.waits': '{{time}} waiting',
  'home.sentence_clock': '{{day}}. <b>{{count}} things</b> to do; <b>{{clocks}} new leads</b> wait for their first contact.',
  'home.queue': 'To do today',
  'home.group_overdue': 'Overdue',
  'home.group_today': 'Due today',
  'home.late_days': '{{count}} d late',
  'home.late_since': 'since {{time}}',
  'home.postpone': 'Postpone',
  'home.postponed': '“{{title}}” put off to tomorrow 10:00',
  'home.finish': 'Done',
  'home.finished': '“{{title}}” done',
  'home.write': 'Write result',
  'home.open_record': 'Open record',
  'home.empty': 'Nothing to do',
  'home.empty_hint': 'Tasks falling due, leads and deals to follow up line up here. Set a next follow-up on a lead and it appears on that day.',
};
