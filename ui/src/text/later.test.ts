import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import i18next from 'i18next';
import { expect, it } from 'vitest';
import { changeLanguage, laterTexts, startTexts } from './i18n';
import { enLater } from './en_later';
import { zhLater } from './zh_later';

const root = resolve(import.meta.dirname, '..');
const texts = join(root, 'text');

function fileOf(from: string, name: string): string | undefined {
  const base = name.startsWith('@/') ? join(root, name.slice(2)) : resolve(dirname(from), name);
  for (const end of ['.tsx', '.ts']) {
    try {
      readFileSync(base + end);
      return base + end;
    } catch { /* the other ending, or a package */ }
  }
  return undefined;
}

/** What is in memory when one of these modules runs: they and all they import, not what they load later. */
function loadedWith(...starts: string[]): Map<string, string> {
  const sources = new Map<string, string>();
  const follow = (file: string) => {
    if (sources.has(file) || file.startsWith(texts)) return;
    const source = readFileSync(file, 'utf8');
    sources.set(file, source);
    for (const [, name] of source.matchAll(/^(?:import(?! type)|export) [^;]*?from '([@.][^']*)'/gms)) {
      const next = fileOf(file, name!);
      if (next) follow(next);
    }
  };
  starts.forEach((start) => follow(join(root, start)));
  return sources;
}

it('nothing in the first load says a word that comes later', () => {
  const early = loadedWith('main.tsx', 'frame/Frame.tsx', 'frame/CreateDialog.tsx', 'frame/Palette.tsx', 'pages/login/Login.tsx',
    'pages/home/Home.tsx', 'pages/inbox/Inbox.tsx', 'pages/missing/Missing.tsx');
  expect(early.size).toBeGreaterThan(40);
  const prefixes = new Set(Object.keys(zhLater).map((code) => code.split('.')[0]!));
  const said = [...early].flatMap(([file, source]) => [...source.matchAll(/['`]([a-z]+)\.(?=[a-z_]|\$\{)/g)]
    .filter(([, prefix]) => prefixes.has(prefix!)).map(([text]) => `${file.slice(root.length)} ${text}`));
  expect(said).toEqual([]);
});

it('a page asked for before the language is known finds its words, in the next language too', async () => {
  await laterTexts();
  await startTexts('zh');
  expect(i18next.t('list.columns')).toBe(zhLater['list.columns']);
  expect(i18next.t('frame.home')).toBe('今日');
  await changeLanguage('en');
  expect(i18next.t('list.columns')).toBe(enLater['list.columns']);
  await laterTexts();
  expect(i18next.t('frame.settings')).toBe('Settings');
});
