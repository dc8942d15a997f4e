import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCopy } from '@/part/useCopy';

/** A secret that is seen once. */
export function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <div className="notice warn" role="status">
      <b>{t('settings.token_once')}</b>
      <code className="settings-secret">{secret}</code>
      <div className="row">
        <Button size="small" onClick={() => copy(secret)}>{t('action.copy')}</Button>
        <Button size="small" type="text" onClick={onClose}>{t('action.close')}</Button>
      </div>
    </div>
  );
}
