import type { Translation } from './translation';
import type { FirstTexts } from './zh';
import { field } from './en/field';
import { frame } from './en/frame';
import { handover } from './en/handover';
import { home } from './en/home';

export const en: Translation<FirstTexts> = { ...field, ...frame, ...handover, ...home };
