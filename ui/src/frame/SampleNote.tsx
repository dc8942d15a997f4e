import { Tooltip } from 'antd';
import { NavLink } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useSample } from '@/api/sample';
import { Icon } from '@/part/Icon';

/** For administrators, as long as what they see is invented. */
export function SampleNote({ slim }: { slim: boolean }) {
  const { t } = useTranslation();
  const { data } = useSample();
  if (!data?.present) return null;
  return (
    <Tooltip title={t('frame.sample_hint')} placement="right">
      <NavLink to="/settings/sample" className={({ isActive }) => (isActive ? 'on' : '')} aria-label={slim ? t('frame.sample') : undefined}>
        <Icon name="info" />
        {!slim && <span className="t2">{t('frame.sample')}</span>}
      </NavLink>
    </Tooltip>
  );
}
