import { Dropdown, type MenuProps } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { logOut, useSession } from '@/api/session';
import type { Language } from '@/api/types';
import { setPreferences, usePreferences, type Preferences } from '@/app/preferences';
import { message } from '@/app/say';
import { useErrorText } from '@/part/ErrorNotice';
import type { TextCode } from '@/text/i18n';
import { Avatar } from '@/part/Avatar';
import { Icon } from '@/part/Icon';

const themes: Record<Preferences['theme'], TextCode> = {
  light: 'frame.theme_light', dark: 'frame.theme_dark', system: 'frame.theme_system',
};
const densities: Record<Preferences['density'], TextCode> = {
  compact: 'frame.density_compact', comfortable: 'frame.density_comfortable',
};
const languages: Record<Language, string> = { zh: '中文', en: 'English' };

export function PersonMenu() {
  const { t } = useTranslation();
  const { user } = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const { theme, density } = usePreferences();

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
    navigate('/login');
  };
  const marked = (chosen: boolean) => (chosen ? <Icon name="check" size={14} /> : <span className="no-icon" />);
  const group = <K extends string>(
    code: TextCode, values: Record<K, string>, chosen: string, choose: (value: K) => void,
  ): NonNullable<MenuProps['items']>[number] => ({
    type: 'group',
    label: t(code),
    children: (Object.entries(values) as [K, string][]).map(([value, label]) => ({
      key: `${code}-${value}`, label, icon: marked(value === chosen), onClick: () => choose(value),
    })),
  });
  const named = <K extends string>(codes: Record<K, TextCode>) =>
    Object.fromEntries(Object.entries(codes).map(([key, code]) => [key, t(code as TextCode)])) as Record<K, string>;

  const items: MenuProps['items'] = [
    { type: 'group', label: `${user.name}${user.department ? ` · ${user.department}` : ''}`, children: [] },
    group('frame.language', languages, document.documentElement.lang.startsWith('zh') ? 'zh' : 'en', chooseLanguage),
    group('frame.theme', named(themes), theme, (value) => setPreferences({ theme: value })),
    group('frame.density', named(densities), density, (value) => setPreferences({ density: value })),
    { type: 'divider' },
    { key: 'leave', label: t('frame.log_out'), icon: <span className="no-icon" />, onClick: leave },
  ];
  return (
    <Dropdown trigger={['click']} placement="bottomRight" menu={{ items }}>
      <button type="button" className="icon-button" aria-label={t('frame.person')}>
        <Avatar name={user.name} me />
      </button>
    </Dropdown>
  );
}
