import type { Translation } from './translation';
import type { FirstTexts } from './zh';
import { bulk } from './en/bulk';
import { field } from './en/field';
import { follow } from './en/follow';
import { frame } from './en/frame';
import { handover } from './en/handover';
import { home } from './en/home';
import { record } from './en/record';

export const en: Translation<FirstTexts> = { ...bulk, ...field, ...follow, ...frame, ...handover, ...home, ...record };
