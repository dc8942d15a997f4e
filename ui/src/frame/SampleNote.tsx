import { Tooltip } from 'antd';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useSample } from '@/api/sample';
import { Icon } from '@/part/Icon';

/** For administrators, as long as what they see is invented. The page is one of the settings, which are marked as current there. */
export function SampleNote({ slim }: { slim: boolean }) {
  const { t } = useTranslation();
  const { data } = useSample();
  if (!data?.present) return null;
  return (
    <Tooltip title={t('frame.sample_hint')} placement="right">
      <Link to="/settings/sample" aria-label={slim ? t('frame.sample') : undefined}>
        <Icon name="info" />
        {!slim && <span className="t2">{t('frame.sample')}</span>}
      </Link>
    </Tooltip>
  );
}
