import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from './Empty';

export function NotThere() {
  const { t } = useTranslation();
  return (
    <Empty title={t('state.missing')} hint={t('state.missing_hint')}>
      <Link className="button primary" to="/">{t('state.to_home')}</Link>
    </Empty>
  );
}

export function Forbidden() {
  const { t } = useTranslation();
  return (
    <Empty title={t('state.forbidden')} hint={t('state.forbidden_hint')}>
      <Link className="button primary" to="/">{t('state.to_home')}</Link>
    </Empty>
  );
}
