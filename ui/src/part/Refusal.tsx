import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from './Empty';

/** No such page; or no such record, from where one goes on to its list. */
export function NotThere({ list }: { list?: { to: string; label: string } }) {
  const { t } = useTranslation();
  return (
    <Empty page title={t(list ? 'state.missing_record' : 'state.missing')} hint={t('state.missing_hint')}>
      <Link className="button primary" to={list?.to ?? '/'}>{list ? t('state.to_list', { entity: list.label }) : t('state.to_home')}</Link>
    </Empty>
  );
}

export function Forbidden() {
  const { t } = useTranslation();
  return (
    <Empty page title={t('state.forbidden')} hint={t('state.forbidden_hint')}>
      <Link className="button primary" to="/">{t('state.to_home')}</Link>
    </Empty>
  );
}
