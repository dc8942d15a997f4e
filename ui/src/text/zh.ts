import { field } from './zh/field';
import { frame } from './zh/frame';

export const zh = { ...field, ...frame };

export type Texts = typeof zh;
