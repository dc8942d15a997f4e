import type { Translation } from '../translation';
import type { home as zh } from '../zh/home';

export const home: Translation<typeof zh> = {
  'home.sentence': '{{day}}. <b>{{count}} things</b> to do, in the order they matter.',
  'home.sentence_clock': '{{day}}. <b>{{count}} things</b> to do; the clock runs for <b>{{clocks}} new leads</b>.',
  'home.sentence_late': '{{day}}. <b>{{count}} things</b> to do, <b>{{late}}</b> of them overdue.',
  'home.sentence_none': '{{day}}. Everything for today is done.',
  'home.queue': 'To do today',
  'home.group_clock': 'New leads, the clock runs',
  'home.group_overdue': 'Overdue',
  'home.group_today': 'Due today',
  'home.group_slipping': 'Deals about to slip',
  'home.group_later': 'Next',
  'home.left': '{{time}} left',
  'home.late_days': '{{count}} d late',
  'home.late_since': 'since {{time}}',
  'home.expected': 'exp. {{day}}',
  'home.postpone': 'Postpone',
  'home.postponed': '“{{title}}” put off to tomorrow 10:00',
  'home.finish': 'Done',
  'home.finished': '“{{title}}” done',
  'home.write': 'Write result',
  'home.open_record': 'Open record',
  'home.empty': 'Nothing to do',
  'home.empty_hint': 'Tasks falling due, leads to follow up and deals about to slip line up here. Set a next follow-up on a lead and it appears on that day.',
};
