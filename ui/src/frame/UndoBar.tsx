import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { takeUndo, useUndoable } from '@/app/undo';
import { message } from '@/app/say';
import { useErrorText } from '@/part/ErrorNotice';
import { useHotkeys } from '@/part/hotkeys';

const secondsInView = 10;

/** Takes back the latest undoable act and says so. */
export function useTakeUndo(): () => Promise<void> {
  const { t } = useTranslation();
  const errorText = useErrorText();
  return useCallback(async () => {
    const taken = takeUndo();
    if (!taken) return;
    try {
      await taken.undo();
      message.info(t('state.undone'));
    } catch (error) {
      message.error(t('state.undo_failed', { reason: errorText(error) }));
    }
  }, [errorText, t]);
}

/** What was just done, with its undo, for ten seconds at the foot of the page. Z does the same. */
export function UndoBar() {
  const { t } = useTranslation();
  const offer = useUndoable();
  const [seen, setSeen] = useState<number | null>(null);
  const take = useTakeUndo();
  useHotkeys({ z: () => void take() });
  const key = offer?.key;
  useEffect(() => {
    if (key === undefined) return undefined;
    const timer = setTimeout(() => setSeen(key), secondsInView * 1000);
    return () => clearTimeout(timer);
  }, [key]);
  if (!offer || seen === offer.key) return null;
  return (
    <div className="undo-bar" role="status">
      <span className="ellipsis">{offer.text}</span>
      <button type="button" className="link" onClick={() => void take()}>{t('action.undo')}</button>
      <kbd>Z</kbd>
    </div>
  );
}
