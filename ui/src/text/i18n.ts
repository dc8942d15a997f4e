import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Locale } from 'antd/es/locale';
import type { Language } from '@/api/types';
import type { FirstTexts } from './zh';
import type { LaterTexts } from './zh_later';

type Texts = FirstTexts & LaterTexts;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: Texts };
    keySeparator: false;
    nsSeparator: false;
  }
}

export type TextCode = keyof Texts;

/** What the frame says on any page, also before the words of the other pages are there. */
export type FirstTextCode = keyof FirstTexts;

interface Words {
  texts: Record<string, string>;
  antd: Locale;
}

/** Only the language in use is loaded: our words, those of the components and those of their calendars. */
const loaders: Record<Language, () => Promise<Words>> = {
  zh: async () => {
    const [own, antd] = await Promise.all([import('./zh'), import('antd/locale/zh_CN'), import('dayjs/locale/zh-cn')]);
    return { texts: own.zh, antd: antd.default };
  },
  en: async () => {
    const [own, antd] = await Promise.all([import('./en'), import('antd/locale/en_GB'), import('dayjs/locale/en-gb')]);
    return { texts: own.en, antd: antd.default };
  },
};

const antdLocales = new Map<string, Locale>();

/** The words of Ant Design's components in a language that was loaded. */
export function antdLocale(language: string): Locale | undefined {
  return antdLocales.get(language);
}

const laterLoaders: Record<Language, () => Promise<Record<string, string>>> = {
  zh: async () => (await import('./zh_later')).zhLater,
  en: async () => (await import('./en_later')).enLater,
};

let laterWanted = false;
const withLater = new Set<Language>();

async function loadLater(language: Language): Promise<void> {
  if (withLater.has(language)) return;
  i18next.addResourceBundle(language, 'translation', await laterLoaders[language]());
  withLater.add(language);
}

/** The words of the pages beyond the homes; before the language is known they come with the first ones. */
export async function laterTexts(): Promise<void> {
  laterWanted = true;
  const language = i18next.language as Language | undefined;
  if (language) await loadLater(language);
}

async function loadFirst(language: Language): Promise<void> {
  if (antdLocales.has(language)) return;
  const words = await loaders[language]();
  antdLocales.set(language, words.antd);
  i18next.addResourceBundle(language, 'translation', words.texts);
}

async function load(language: Language): Promise<void> {
  await Promise.all([loadFirst(language), laterWanted && loadLater(language)]);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}

/** A name as it stands inside an English sentence: "Lead" as "lead", "ERP order" as it is. */
export function insideSentence(name: string): string {
  return /^[A-Z](?![A-Z])/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

export async function startTexts(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
    showSupportNotice: false,
  });
  i18next.services.formatter?.add('inside', (value: unknown) => insideSentence(String(value)));
  await load(language);
  await i18next.changeLanguage(language);
}

export async function changeLanguage(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
}
