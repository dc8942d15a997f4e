import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from './en';
import { enLater } from './en_later';
import { zh } from './zh';
import { zhLater } from './zh_later';

const root = join(import.meta.dirname, '../../..');

function filesBelow(folder: string, ends: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path, ends);
    return name.endsWith(ends) ? [path] : [];
  });
}

/** Every text the program itself may say: labels of record types and fields, roles, messages. */
const ofServer = new Set(filesBelow(join(root, 'src'), '.c').flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map(([, text]) => text)));

/** Whether the screen says it: as a text, as a text with something put in, or as the plural of a name. */
function saidOn(texts: string[]) {
  const plain = new Set(texts.map((text) => text.replace(/<[^>]*>/g, '')));
  const filled = [...plain].filter((text) => text.includes('{{') && text.replace(/\{\{.*?\}\}/g, '').length > 1)
    .map((text) => new RegExp(`^${text.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\{.*?\}\}/g, '.+')}$`));
  return (words: string) => [words, `${words}…`, words.replace(/e?s$/, ''), words.replace(/s$/, '')].some((form) => plain.has(form) || ofServer.has(form))
    || filled.some((pattern) => pattern.test(words));
}

/** What the guide puts between marks is what one reads on the screen; code is not. */
function quoted(path: string, marks: RegExp): string[] {
  const text = readFileSync(path, 'utf8').replace(/`[^`]*`/g, '');
  return [...text.matchAll(marks)].flatMap(([, words]) => words!.split(/\s*[·→]\s*/)).map((words) => words.replace(/[…,.]$/, '').trim());
}

describe('the guide by job', () => {
  const languages = [
    { language: 'zh', texts: { ...zh, ...zhLater }, marks: /「([^」]+)」/g },
    { language: 'en', texts: { ...en, ...enLater }, marks: /"([^"\n]+)"/g },
  ];
  it.each(languages)('names what the screen says, in $language', ({ language, texts, marks }) => {
    const said = saidOn(Object.values(texts));
    const pages = filesBelow(join(root, 'doc/guide', language), '.md');
    const words = pages.flatMap((path) => quoted(path, marks));
    expect(words.length).toBeGreaterThan(80);
    expect(words.filter((one) => !said(one))).toEqual([]);
    expect(said('no such button')).toBe(false);
  });

  it('is there in both languages, each job', () => {
    const jobs = (language: string) => readdirSync(join(root, 'doc/guide', language)).sort();
    expect(jobs('zh')).toEqual(jobs('en'));
    expect(jobs('zh').length).toBeGreaterThanOrEqual(5);
  });
});
