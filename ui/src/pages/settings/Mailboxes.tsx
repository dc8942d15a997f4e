import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonLines } from '@/part/Skeleton';
import { MailboxForm, State, type MailboxState } from './Mailbox';

interface Line extends MailboxState {
  id: string;
  user_id: string | null;
  user: string;
}

/** How all mailboxes fare, and the company's own for what comes back from mailings. */
export function Mailboxes() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({ queryKey: ['mailbox', 'all'], queryFn: () => api.get<{ data: Line[] }>('/mailboxes'), refetchInterval: 15_000 });
  const lines = data?.data.filter(({ user_id }) => user_id) ?? [];
  return (
    <>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonLines />}
      {data && lines.length === 0 && <Empty title={t('mailbox.none')} hint={t('mailbox.none_hint')} />}
      {lines.length > 0 && (
        <table className="plain-table">
          <thead><tr><th scope="col">{t('mailbox.who')}</th><th scope="col">{t('mailbox.address')}</th><th scope="col">{t('mailbox.state')}</th></tr></thead>
          <tbody>{lines.map((line) => <tr key={line.id}><td>{line.user}</td><td>{line.address}</td><td><State box={line} /></td></tr>)}</tbody>
        </table>
      )}
      <h2>{t('mailbox.returns')}</h2>
      <p className="t2">{t('mailbox.returns_hint')}</p>
      <MailboxForm path="/mailboxes/returns" returns />
    </>
  );
}
