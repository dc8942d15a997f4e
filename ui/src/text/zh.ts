import { bulk } from './zh/bulk';
import { field } from './zh/field';
import { follow } from './zh/follow';
import { frame } from './zh/frame';
import { handover } from './zh/handover';
import { home } from './zh/home';
import { record } from './zh/record';

/** Words of the frame, the homes, and what every page may need at once. */
export const zh = { ...bulk, ...field, ...follow, ...frame, ...handover, ...home, ...record };

export type FirstTexts = typeof zh;
