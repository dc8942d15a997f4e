import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { api } from '@/api/client';
import { logOut } from '@/api/session';
import type { Language } from '@/api/types';
import { message } from '@/app/say';
import { useErrorText } from '@/part/ErrorNotice';

export const languages: Record<Language, string> = { zh: '中文', en: 'English' };

/** What a person does about the program itself: its language, and leaving it. */
export function usePersonal() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const chooseLanguage = async (language: Language) => {
    try {
      await api.patch('/session', { language });
      await client.invalidateQueries();
    } catch (error) {
      message.error(errorText(error));
    }
  };
  const leave = async () => {
    await logOut(client);
    navigate('/login', { replace: true });
  };
  const language: Language = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';
  return { language, chooseLanguage, leave };
}
