import type { Translation } from './translation';
import type { Texts } from './zh';
import { field } from './en/field';
import { frame } from './en/frame';

export const en: Translation<Texts> = { ...field, ...frame };
