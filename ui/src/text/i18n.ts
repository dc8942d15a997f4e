import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '@/api/types';
import type { Texts } from './zh';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: Texts };
    keySeparator: false;
    nsSeparator: false;
  }
}

export type TextCode = keyof Texts;

/** Only the language in use is loaded. */
const loaders: Record<Language, () => Promise<Record<string, string>>> = {
  zh: async () => (await import('./zh')).zh,
  en: async () => (await import('./en')).en,
};

async function load(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', await loaders[language]());
  }
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
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
  });
  await load(language);
  await i18next.changeLanguage(language);
}

export async function changeLanguage(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
}
