import { useState } from 'react';
import { Button, Dropdown } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { message } from '@/app/say';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { NotThere } from '@/part/Refusal';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { useEventText } from './eventTypes';
import { Secret } from './Secret';
import { stateOf, stateTone, useDeliveries, useWebhooks, webhooksKey, type Delivery, type Webhook } from './webhook';
import { WebhookDrawer } from './WebhookDrawer';

const deliveryTone = { pending: 'info', delivered: 'ok', dead: 'bad' } as const;

function DeliveryRow({ delivery, onResend }: { delivery: Delivery; onResend: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const eventText = useEventText();
  return (
    <tr>
      <td className="nowrap" title={format.instant(delivery.created_at)}>{format.near(delivery.created_at)}</td>
      <td>{delivery.type ? eventText(delivery.type) : t('webhook.event_gone')}</td>
      <td><span className={`status ${deliveryTone[delivery.state]}`}>{t(`webhook.delivery_${delivery.state}`)}</span></td>
      <td className="webhook-reply">
        {delivery.why}
        {delivery.next_at && delivery.attempts > 0 && <span className="block t2 nowrap">{t('webhook.next_try', { at: format.near(delivery.next_at) })}</span>}
      </td>
      <td className="num nowrap">{delivery.attempts > 0 && t('webhook.milliseconds', { figure: format.count(delivery.took_ms) })}</td>
      <td className="num">{format.count(delivery.attempts)}</td>
      <td className="num">{delivery.state === 'dead' && <button type="button" className="link nowrap" onClick={onResend}>{t('webhook.resend')}</button>}</td>
    </tr>
  );
}

function Deliveries({ webhook, onResend }: { webhook: Webhook; onResend: (id: string) => void }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useDeliveries(webhook.id);
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows count={4} />;
  if (data.length === 0) return <Empty title={t('webhook.no_deliveries')} hint={t('webhook.no_deliveries_hint')} />;
  return (
    <TableScroll label={t('webhook.deliveries')}>
      <table className="plain-table settings-table">
        <thead><tr>
          <th>{t('settings.at')}</th><th>{t('webhook.event')}</th><th>{t('settings.state')}</th><th>{t('webhook.reply')}</th>
          <th className="num">{t('webhook.took')}</th><th className="num">{t('webhook.tries')}</th>
          <th><span className="visually-hidden">{t('settings.verbs')}</span></th>
        </tr></thead>
        <tbody>{data.map((delivery) => <DeliveryRow key={delivery.id} delivery={delivery} onResend={() => onResend(delivery.id)} />)}</tbody>
      </table>
    </TableScroll>
  );
}

const example = `webhook-id: 250650203508441088:250650203604910080
webhook-timestamp: 1795420800
webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=

{"type":"lead.created","timestamp":"2026-11-23T07:10:00.000Z","data":{"id":"…","subject_type":"lead","subject_id":"…","payload":{…}}}`;

function SignatureHelp() {
  const { t } = useTranslation();
  return (
    <details className="webhook-help">
      <summary>{t('webhook.signature')}</summary>
      <p>{t('webhook.signature_how')}</p>
      <pre tabIndex={0}>{example}</pre>
      <ul>
        <li>{t('webhook.signature_time')}</li>
        <li>{t('webhook.signature_twice')}</li>
        <li>{t('webhook.signature_reply')}</li>
        <li>{t('webhook.signature_private')}</li>
      </ul>
    </details>
  );
}

function WebhookDetail({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const [editing, setEditing] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const path = `/webhooks/${webhook.id}`;
  const failed = (error: unknown) => message.error(errorText(error));
  const refresh = () => client.invalidateQueries({ queryKey: webhooksKey });
  const verb = useMutation({ mutationFn: (at: string) => api.post(`${path}${at}`, {}), onError: failed, onSettled: refresh });
  const rotate = useMutation({ mutationFn: () => api.post<{ secret: string }>(`${path}/rotate`, {}), onSuccess: (made) => setSecret(made.secret), onError: failed });
  const { name, url, types, enabled } = webhook;
  const toggle = useMutation({ mutationFn: () => api.put(path, { name, url, types, enabled: !enabled }), onError: failed, onSettled: refresh });
  const remove = useMutation({ mutationFn: () => api.delete(path), onSuccess: async () => { await refresh(); void navigate('/settings/webhooks'); }, onError: failed });
  const state = stateOf(webhook);
  const items = [
    { key: 'edit', label: t('action.edit'), onClick: () => setEditing(true) },
    { key: 'toggle', label: t(enabled ? 'webhook.disable' : 'webhook.enable'), onClick: () => toggle.mutate() },
    { key: 'rotate', label: t('webhook.rotate'), onClick: () => rotate.mutate() },
    { key: 'delete', label: t('action.delete'), danger: true, onClick: () => remove.mutate() },
  ];
  return (
    <div className="page">
      <header className="page-head">
        <Link to="/settings/webhooks" className="t2">{t('settings.webhooks')}</Link><span className="t3">/</span>
        <h1 className="ellipsis">{name}</h1>
        <span className={`status ${stateTone[state]}`}>{t(`webhook.state_${state}`, { count: webhook.failures })}</span>
        <span className="grow" />
        <Dropdown trigger={['click']} menu={{ items }} placement="bottomRight">
          <button type="button" className="icon-button" aria-label={t('frame.more')}><Icon name="more" /></button>
        </Dropdown>
        <Button type="primary" disabled={!enabled} loading={verb.isPending} onClick={() => verb.mutate('/test')}>{t('webhook.test')}</Button>
      </header>
      <div className="settings-body">
        {secret && <Secret secret={secret} onClose={() => setSecret(null)} />}
        {secret && <p className="t2">{t('webhook.rotated_hint')}</p>}
        <p className="t2 webhook-url">{url}</p>
        <SignatureHelp />
        <h2>{t('webhook.deliveries')}</h2>
        <Deliveries webhook={webhook} onResend={(id) => verb.mutate(`/deliveries/${id}/resend`)} />
      </div>
      {editing && <WebhookDrawer webhook={webhook} onClose={() => setEditing(false)} />}
    </div>
  );
}

/** One receiver: what it was sent, what it answered, and how to check that it comes from here. */
export function WebhookPage() {
  const { id } = useParams();
  const { data, error, refetch } = useWebhooks();
  const webhook = data?.find((candidate) => candidate.id === id);
  if (error) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (!data) return <SkeletonRows />;
  return webhook ? <WebhookDetail webhook={webhook} /> : <NotThere />;
}
