import { attribution } from './zh/attribution';
import { consent } from './zh/consent';
import { first } from './zh/first';
import { forms } from './zh/forms';
import { sources } from './zh/sources';
import { approval } from './zh/approval';
import { board } from './zh/board';
import { calendar } from './zh/calendar';
import { condition } from './zh/condition';
import { departments } from './zh/departments';
import { duplicates } from './zh/duplicates';
import { funnel } from './zh/funnel';
import { tag } from './zh/tag';
import { segment } from './zh/segment';
import { event } from './zh/event';
import { imports } from './zh/import';
import { forecast } from './zh/forecast';
import { list } from './zh/list';
import { performance } from './zh/performance';
import { journey } from './zh/journey';
import { mail } from './zh/mail';
import { mailing } from './zh/mailing';
import { letter } from './zh/letter';
import { scoring } from './zh/scoring';
import { pool } from './zh/pool';
import { workyear } from './zh/workyear';
import { bulk } from './zh/bulk';
import { follow } from './zh/follow';
import { record } from './zh/record';
import { script } from './zh/script';
import { rules } from './zh/rules';
import { settings } from './zh/settings';
import { webhook } from './zh/webhook';

/** Words of the pages that are loaded when they are opened. */
export const zhLater = { ...attribution, ...approval, ...board, ...calendar, ...condition, ...departments, ...duplicates, ...event, ...forecast, ...funnel, ...imports, ...list, ...performance, ...pool, ...scoring, ...segment, ...settings, ...tag, ...webhook, ...consent, ...first, ...forms, ...sources, ...journey, ...mail, ...mailing, ...letter, ...bulk, ...follow, ...record, ...script, ...rules, ...workyear };

export type LaterTexts = typeof zhLater;
