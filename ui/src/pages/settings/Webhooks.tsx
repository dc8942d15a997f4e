import { Button, Switch } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { message } from '@/app/say';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { useEventText } from './eventTypes';
import { errorsOf, stateOf, stateTone, useWebhooks, webhooksKey, type Webhook } from './webhook';
import { WebhookDrawer } from './WebhookDrawer';

const namedTypes = 2;

function EventsText({ types }: { types: string[] }) {
  const { t } = useTranslation();
  const text = useEventText();
  if (types.length === 0) return <>{t('webhook.every_event')}</>;
  const some = types.slice(0, namedTypes).map(text).join(t('condition.comma'));
  return <>{types.length > namedTypes ? t('condition.and_more', { some, count: types.length }) : some}</>;
}

function WebhookRow({ webhook, onToggle }: { webhook: Webhook; onToggle: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const state = stateOf(webhook);
  const { failed, ended } = errorsOf(webhook);
  return (
    <tr>
      <td><Switch size="small" checked={webhook.enabled} aria-label={t('automation.enabled_of', { name: webhook.name })} onChange={onToggle} /></td>
      <td><Link className="strong" to={`/settings/webhooks/${webhook.id}`}>{webhook.name}</Link><span className="block t2 webhook-url">{webhook.url}</span></td>
      <td className="t2"><EventsText types={webhook.types} /></td>
      <td><span className={`status ${stateTone[state]}`}>{t(`webhook.state_${state}`, { count: webhook.failures })}</span></td>
      <td className="nowrap">{webhook.delivered_at ? format.near(webhook.delivered_at) : nothing}</td>
      <td className={failed ? 'num nowrap bad' : 'num nowrap'}>{ended ? t('webhook.failed_of', { failed: format.count(failed), ended: format.count(ended) }) : nothing}</td>
    </tr>
  );
}

/** The addresses that are told what happens here. */
export function Webhooks() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [search, setSearch] = useSearchParams();
  const { data, error, refetch } = useWebhooks();
  const toggle = useMutation({
    mutationFn: ({ id, name, url, types, enabled }: Webhook) => api.put(`/webhooks/${id}`, { name, url, types, enabled: !enabled }),
    onError: (failure) => message.error(errorText(failure)),
    onSettled: () => client.invalidateQueries({ queryKey: webhooksKey }),
  });
  const setOpen = (open: boolean) => setSearch(open ? { new: '1' } : {});
  const add = <Button type="primary" onClick={() => setOpen(true)}>{t('webhook.new')}</Button>;
  return (
    <>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows count={3} />}
      {data && (data.length > 0 ? <div className="row">{add}</div> : <Empty title={t('webhook.none')} hint={t('webhook.none_hint')}>{add}</Empty>)}
      {data && data.length > 0 && (
        <TableScroll label={t('settings.webhooks')}>
          <table className="plain-table settings-table">
            <thead><tr>
              <th><span className="visually-hidden">{t('webhook.enabled')}</span></th>
              <th>{t('webhook.name')}</th><th>{t('webhook.events')}</th><th>{t('settings.state')}</th>
              <th>{t('webhook.last')}</th><th className="num">{t('webhook.failed_recent')}</th>
            </tr></thead>
            <tbody>{data.map((webhook) => <WebhookRow key={webhook.id} webhook={webhook} onToggle={() => toggle.mutate(webhook)} />)}</tbody>
          </table>
        </TableScroll>
      )}
      {search.has('new') && <WebhookDrawer webhook={null} onClose={() => setOpen(false)} />}
    </>
  );
}
