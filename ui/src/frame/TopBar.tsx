import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useSize } from '@/app/preferences';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';

/* What they open is more than the bar itself. */
const CreateMenu = lazy(async () => ({ default: (await import('./CreateMenu')).CreateMenu }));
const PersonMenu = lazy(async () => ({ default: (await import('./PersonMenu')).PersonMenu }));
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
      <Suspense fallback={<span className="icon-button" />}><CreateMenu /><InboxBell /><PersonMenu /></Suspense>
    </header>
  );
}
