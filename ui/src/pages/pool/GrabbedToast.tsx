import { Button } from 'antd';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { Countdown } from '@/part/Countdown';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import type { Grabbed } from './pools';

/** The lead just grabbed: who it is now that it may be known, how long one has, and the call. */
export function GrabbedToast({ grabbed, onClose }: { grabbed: Grabbed; onClose: () => void }) {
  const { t } = useTranslation();
  const { lead } = grabbed;
  const company = typeof lead.company_name === 'string' ? lead.company_name : '';
  const name = String(lead.name ?? '');
  const phone = typeof lead.phone === 'string' ? lead.phone : null;
  return (
    <div className="pool-toast" role="status">
      <span className="ok"><Icon name="check" size={16} /></span>
      <span className="grow">
        <Link className="strong ellipsis" to={`/leads/${lead.id}`}>{t('pool.got_it', { company: company || name })}</Link>
        <span className="small-text t2 ellipsis">
          {company ? `${name}${t('pool.comma')}` : ''}
          {grabbed.recycle_at ? <>{t('pool.first_contact')} <Countdown until={grabbed.recycle_at} /></> : t('pool.call_now')}
        </span>
      </span>
      {phone && <Button type="primary" size="large" href={`tel:${phone}`} icon={<Icon name="phone" size={16} />}>{t('pool.call')}</Button>}
      <IconButton small icon="close" label={t('action.close')} onClick={onClose} />
    </div>
  );
}
