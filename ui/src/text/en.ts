import type { Translation } from './translation';
import type { Texts } from './zh';
import { board } from './en/board';
import { bulk } from './en/bulk';
import { calendar } from './en/calendar';
import { condition } from './en/condition';
import { field } from './en/field';
import { frame } from './en/frame';
import { funnel } from './en/funnel';
import { home } from './en/home';
import { imports } from './en/import';
import { list } from './en/list';
import { record } from './en/record';
import { settings } from './en/settings';
import { webhook } from './en/webhook';

export const en: Translation<Texts> = { ...board, ...bulk, ...calendar, ...condition, ...field, ...frame, ...funnel, ...home, ...imports, ...list, ...record, ...settings, ...webhook };
