import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useSize } from '@/app/preferences';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { CreateMenu } from './CreateMenu';
import { PersonMenu } from './PersonMenu';

/* What it opens is more than the bar itself. */
const InboxBell = lazy(async () => ({ default: (await import('./InboxBell')).InboxBell }));

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
      <Suspense fallback={<span className="icon-button" />}><InboxBell /></Suspense>
      <PersonMenu />
    </header>
  );
}
