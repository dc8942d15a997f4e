import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { Formatter } from './format';

/** The formatter for the reader's language and the company's zone. */
export function useFormat(): Formatter {
  const { i18n } = useTranslation();
  const { company } = useSession();
  const language = i18n.language === 'en' ? 'en' : 'zh';
  return useMemo(() => new Formatter({ language, timeZone: company.time_zone }), [language, company.time_zone]);
}
