import { useTranslation } from 'react-i18next';
import type { Total } from '@/api/types';
import { useUndoable } from '@/app/undo';
import { useFormat } from '@/format/useFormat';
import { useTakeUndo } from '@/frame/UndoBar';
import { Icon } from '@/part/Icon';

/** Under the table: how many, and what was just done with its undo. */
export function ListFoot({ total, shown }: { total: Total | undefined; shown: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const undoable = useUndoable();
  const takeUndo = useTakeUndo();
  const figure = total ? format.total(total) : format.count(shown);
  return (
    <footer className="list-foot">
      {(total || shown > 0) && <span>{t('list.total', { count: total?.value ?? shown, figure })}</span>}
      <span className="grow" />
      {undoable && (
        <>
          <Icon name="check" size={14} />
          <span className="ellipsis">{t('state.can_undo', { what: undoable.text })}</span>
          <button type="button" className="link" onClick={() => void takeUndo()}>{t('action.undo')}</button>
          <kbd>Z</kbd>
        </>
      )}
    </footer>
  );
}
