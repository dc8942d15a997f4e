import { board } from './zh/board';
import { bulk } from './zh/bulk';
import { calendar } from './zh/calendar';
import { condition } from './zh/condition';
import { field } from './zh/field';
import { frame } from './zh/frame';
import { funnel } from './zh/funnel';
import { home } from './zh/home';
import { imports } from './zh/import';
import { list } from './zh/list';
import { record } from './zh/record';
import { settings } from './zh/settings';
import { webhook } from './zh/webhook';

export const zh = { ...board, ...bulk, ...calendar, ...condition, ...field, ...frame, ...funnel, ...home, ...imports, ...list, ...record, ...settings, ...webhook };

export type Texts = typeof zh;
