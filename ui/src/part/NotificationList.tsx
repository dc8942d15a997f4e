import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { recordPath, useModel } from '@/api/meta';
import { useMarkRead } from '@/api/notifications';
import type { NotificationItem } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { IconButton } from './IconButton';

/** Pages of what is no record of a company's. */
const pages: Record<string, string> = { approval: '/approvals', import_job: '/imports' };

function Item({ item, onOpen }: { item: NotificationItem; onOpen?: () => void }) {
  const { t } = useTranslation();
  const model = useModel();
  const format = useFormat();
  const read = useMarkRead();
  const entity = model.named(item.subject_type);
  const page = pages[item.subject_type ?? ''];
  const path = page ? `${page}/${item.subject_id}` : entity && item.subject_id ? recordPath(entity, item.subject_id) : null;
  const unread = item.read_at === null;
  const open = () => {
    if (unread) read.mutate([item.id]);
    onOpen?.();
  };
  return (
    <li className={unread ? 'unread' : undefined}>
      <div className="grow">
        {path
          ? <Link to={path} onClick={open}>{item.text}</Link>
          : <span>{item.text}</span>}
        <time dateTime={item.at} title={format.instant(item.at)}>{format.near(item.at)}</time>
      </div>
      {unread && <IconButton small icon="check" label={t('inbox.mark_read')} onClick={() => read.mutate([item.id])} />}
    </li>
  );
}

export function NotificationList({ items, onOpen }: { items: NotificationItem[]; onOpen?: () => void }) {
  return (
    <ul className="notifications">
      {items.map((item) => <Item key={item.id} item={item} onOpen={onOpen} />)}
    </ul>
  );
}
