import { useState } from 'react';
import { Button, Popover } from 'antd';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useMarkRead, useNotifications } from '@/api/notifications';
import { NotificationList } from '@/part/NotificationList';
import { IconButton } from '@/part/IconButton';

/** The bell with the number of unread notifications and the latest of them. */
export function InboxBell() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { data } = useNotifications(true);
  const read = useMarkRead();
  const unread = data?.unread ?? 0;
  const label = unread > 0 ? t('inbox.unread_count', { count: unread }) : t('inbox.title');
  const content = (
    <div className="inbox-pop">
      <div className="row head">
        <b>{t('inbox.title')}</b>
        <span className="grow" />
        {unread > 0 && (
          <Button type="link" size="small" onClick={() => read.mutate('all')}>{t('inbox.read_all')}</Button>
        )}
      </div>
      {unread === 0
        ? <p className="t3 pad">{t('inbox.empty')}</p>
        : <NotificationList items={data?.data.slice(0, 8) ?? []} onOpen={() => setOpen(false)} />}
      <Link className="foot" to="/inbox" onClick={() => setOpen(false)}>{t('inbox.open_all')}</Link>
    </div>
  );
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomRight" content={content} arrow={false} align={{ overflow: { shiftX: true, adjustY: true } }}>
      <IconButton icon="bell" label={label} quiet={open} aria-expanded={open}>
        {unread > 0 && <span className="dot" aria-hidden="true">{unread > 99 ? '99+' : unread}</span>}
      </IconButton>
    </Popover>
  );
}
