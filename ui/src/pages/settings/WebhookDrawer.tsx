import { useEffect, useState } from 'react';
import { Button, Form, Input } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { EventTypesInput } from './EventTypesInput';
import { Secret } from './Secret';
import { webhooksKey, type Webhook } from './webhook';

interface Made {
  id: string;
  secret: string;
}

interface Props {
  webhook: Webhook | null;
  onClose: () => void;
}

/** A receiver, new or changed. After making one its secret is shown, this once. */
export function WebhookDrawer({ webhook, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [form] = Form.useForm();
  const [made, setMade] = useState<Made | null>(null);
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: (filled: { name: string; url: string; types?: string[] }) => {
      const body = { ...filled, types: filled.types ?? [], enabled: webhook?.enabled ?? true };
      return webhook ? api.put<undefined>(`/webhooks/${webhook.id}`, body) : api.post<Made>('/webhooks', body);
    },
    onSuccess: async (result) => {
      await client.invalidateQueries({ queryKey: webhooksKey });
      if (result) setMade(result);
      else onClose();
    },
  });
  const byField = error instanceof ApiError ? error.fieldErrors() : {};
  const named = ['name', 'url', 'types'].filter((name) => byField[name]);
  useEffect(() => {
    if (named.length > 0) form.setFields(named.map((name) => ({ name, errors: [byField[name] ?? ''] })));
  }, [error]);
  const required = (label: string) => [{ required: true, message: t('form.required', { field: label }) }];
  const toWebhook = () => made && void navigate(`/settings/webhooks/${made.id}`);
  return (
    <SideSheet
      onClose={made ? toWebhook : onClose} width={480} settled={isPending || isSuccess}
      title={webhook ? t('settings.edit', { name: webhook.name }) : t('webhook.new')}
      footer={!made && (
        <div className="row">
          <Button type="primary" loading={isPending} onClick={() => form.submit()}>{t('action.save')}</Button>
          <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      )}
    >
      {made ? (
        <div className="webhook-made">
          <Secret secret={made.secret} onClose={toWebhook} />
          <p className="t2">{t('webhook.made_next')}</p>
        </div>
      ) : (
        <>
          {error && named.length === 0 && <ErrorNotice error={error} />}
          <Form form={form} layout="vertical" requiredMark={false} initialValues={webhook ?? undefined} onFinish={mutate}>
            <Form.Item name="name" label={t('webhook.name')} rules={required(t('webhook.name'))}><Input maxLength={60} autoFocus={!webhook} /></Form.Item>
            <Form.Item name="url" label={t('webhook.url')} extra={t('webhook.url_hint')} rules={required(t('webhook.url'))}><Input inputMode="url" placeholder="https://" /></Form.Item>
            <Form.Item name="types" label={t('webhook.events')} extra={t('webhook.events_hint')}><EventTypesInput /></Form.Item>
          </Form>
        </>
      )}
    </SideSheet>
  );
}
