import { useTranslation } from 'react-i18next';
import { useSize } from '@/app/preferences';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { CreateMenu } from './CreateMenu';
import { InboxBell } from './InboxBell';
import { PersonMenu } from './PersonMenu';

export function TopBar({ onFind }: { onFind: () => void }) {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  return (
    <header className="top">
      {phone ? (
        <>
          <Icon name="brand" size={20} className="acc" />
          <b>{t('app.name')}</b>
          <span className="grow" />
          <IconButton icon="search" label={t('frame.find')} onClick={onFind} />
        </>
      ) : (
        <>
          <button type="button" className="find" onClick={onFind}>
            <Icon name="search" />
            <span className="ellipsis">{t('frame.find_hint')}</span>
            <kbd>Ctrl K</kbd>
          </button>
          <span className="grow" />
        </>
      )}
      <CreateMenu />
      <InboxBell />
      <PersonMenu />
    </header>
  );
}
