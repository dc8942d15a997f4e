import { Dropdown, type MenuProps } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { setPreferences, usePreferences, type Preferences } from '@/app/preferences';
import type { TextCode } from '@/text/i18n';
import { Avatar } from '@/part/Avatar';
import { Icon } from '@/part/Icon';
import { languages, usePersonal } from './usePersonal';

const themes: Record<Preferences['theme'], TextCode> = {
  light: 'frame.theme_light', dark: 'frame.theme_dark', system: 'frame.theme_system',
};
const densities: Record<Preferences['density'], TextCode> = {
  compact: 'frame.density_compact', comfortable: 'frame.density_comfortable',
};

export function PersonMenu() {
  const { t } = useTranslation();
  const { user } = useSession();
  const { language, chooseLanguage, leave } = usePersonal();
  const { theme, density } = usePreferences();

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
    group('frame.language', languages, language, chooseLanguage),
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
