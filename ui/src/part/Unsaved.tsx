import { useEffect } from 'react';
import { Button, Modal } from 'antd';
import { useBlocker } from 'react-router';
import { useTranslation } from 'react-i18next';

interface QuestionProps {
  open: boolean;
  onStay: () => void;
  onLeave: () => void;
}

/** Whether what was filled in may be thrown away; staying is what Enter and Esc do. */
export function UnsavedQuestion({ open, onStay, onLeave }: QuestionProps) {
  const { t } = useTranslation();
  return (
    <Modal
      open={open} width={400} title={t('unsaved.title')} onCancel={onStay}
      footer={(
        <>
          <Button onClick={onLeave}>{t('unsaved.leave')}</Button>
          <Button type="primary" autoFocus onClick={onStay}>{t('unsaved.stay')}</Button>
        </>
      )}
    >
      <p className="t2">{t('unsaved.hint')}</p>
    </Modal>
  );
}

/**
 * Asks before the page is left while `when` holds, be it by a link, the way back or closing the tab. The program's
 * own moves (after saving, on logging out) replace the address and are not asked about.
 */
export function Unsaved({ when }: { when: boolean }) {
  const blocker = useBlocker(({ currentLocation, nextLocation, historyAction }) =>
    when && historyAction !== 'REPLACE' && currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => {
    if (!when) return;
    const onClose = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', onClose);
    return () => window.removeEventListener('beforeunload', onClose);
  }, [when]);
  return <UnsavedQuestion open={blocker.state === 'blocked'} onStay={() => blocker.reset?.()} onLeave={() => blocker.proceed?.()} />;
}
