import type { Translation } from './translation';
import type { LaterTexts } from './zh_later';
import { board } from './en/board';
import { calendar } from './en/calendar';
import { condition } from './en/condition';
import { duplicates } from './en/duplicates';
import { funnel } from './en/funnel';
import { tag } from './en/tag';
import { segment } from './en/segment';
import { event } from './en/event';
import { imports } from './en/import';
import { forecast } from './en/forecast';
import { list } from './en/list';
import { performance } from './en/performance';
import { scoring } from './en/scoring';
import { settings } from './en/settings';
import { webhook } from './en/webhook';

export const enLater: Translation<LaterTexts> = { ...board, ...calendar, ...condition, ...duplicates, ...event, ...forecast, ...funnel, ...imports, ...list, ...performance, ...scoring, ...segment, ...settings, ...tag, ...webhook };
