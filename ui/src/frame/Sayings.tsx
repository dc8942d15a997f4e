import { useTranslation } from 'react-i18next';
import { unsay, useSaid } from '@/app/say';
import { IconButton } from '@/part/IconButton';

/** Passing sentences at the top of the page; failures stay longer and may be closed. */
export function Sayings() {
  const { t } = useTranslation();
  const said = useSaid();
  return (
    <div className="sayings" role="status" aria-live="polite">
      {said.map(({ key, text, tone }) => (
        <div key={key} className={`saying ${tone}`}>
          <span className={`status ${tone}`} /><span>{text}</span>
          {tone !== 'info' && <IconButton small icon="close" label={t('action.close')} onClick={() => unsay(key)} />}
        </div>
      ))}
    </div>
  );
}
