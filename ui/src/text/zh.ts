import { field } from './zh/field';
import { frame } from './zh/frame';
import { handover } from './zh/handover';
import { home } from './zh/home';

/** Words of the frame, the homes, and what every page may need at once. */
export const zh = { ...field, ...frame, ...handover, ...home };

export type FirstTexts = typeof zh;
