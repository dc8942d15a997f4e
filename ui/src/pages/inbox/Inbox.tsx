import { Button, Segmented } from 'antd';
import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useMarkRead, useNotifications } from '@/api/notifications';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { NotificationList } from '@/part/NotificationList';
import { SkeletonRows } from '@/part/Skeleton';

/** Everything the program told this person. */
export default function Inbox() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const unreadOnly = search.get('show') !== 'all';
  const { data, error, refetch } = useNotifications(unreadOnly);
  const read = useMarkRead();
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('inbox.title')}</h1>
        <span className="grow" />
        <Segmented
          value={unreadOnly ? 'unread' : 'all'}
          options={[{ value: 'unread', label: t('inbox.unread') }, { value: 'all', label: t('inbox.all') }]}
          onChange={(value) => setSearch(value === 'all' ? { show: 'all' } : {}, { replace: true })}
        />
        <Button disabled={!data?.unread} onClick={() => read.mutate('all')}>{t('inbox.read_all')}</Button>
      </header>
      {error && <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>}
      {!data && !error && <SkeletonRows />}
      {data?.data.length === 0 && <Empty title={t('inbox.empty')} hint={t('inbox.empty_hint')} />}
      {data && data.data.length > 0 && (
        <div className="scroll-y wide-notifications"><NotificationList items={data.data} /></div>
      )}
    </div>
  );
}
