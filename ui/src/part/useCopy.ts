import { useTranslation } from 'react-i18next';
import { message } from '@/app/say';
import { copyText } from './copyText';

/** Copies a text and says whether it is on the clipboard. */
export function useCopy() {
  const { t } = useTranslation();
  return (text: string, done: string = t('state.copied')) => void copyText(text)
    .then((copied) => (copied ? message.info(done) : message.error(t('state.not_copied'))));
}
