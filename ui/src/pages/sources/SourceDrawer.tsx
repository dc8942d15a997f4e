import { useState } from 'react';
import { Button, Checkbox, Input } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { Instructions } from './Instructions';
import { WebhookConfigEditor } from './WebhookConfigEditor';
import { WechatConfigEditor } from './WechatConfigEditor';
import type { AnyConfig, Made, MadeKind, Source, WebhookConfig, WechatConfig } from './sources';

const firstWebhook: WebhookConfig = { signature: 'standard', map: [{ path: 'name', field: 'name' }, { path: 'phone', field: 'phone' }] };
const firstWechat: WechatConfig = { app_id: '', rules: [{ on: 'follow', reply: '' }, { on: 'keyword', value: '', match: 'contains', lead: true, reply: '' }] };
const first: Record<MadeKind, AnyConfig> = { webhook: firstWebhook, wechat: firstWechat, site: { lead: false } };

interface Props {
  kind: MadeKind;
  source: Source | null;
  onClose: () => void;
}

/** A source, new or changed; after making one its address and secret are shown with what to do with them. */
export function SourceDrawer({ kind, source, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState(source?.name ?? '');
  const [secret, setSecret] = useState('');
  const [aesKey, setAesKey] = useState('');
  const [config, setConfig] = useState<AnyConfig>(source?.config ?? first[kind]);
  const [made, setMade] = useState<Made | null>(null);
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), config, enabled: source?.enabled ?? true, ...(secret && !source ? { secret } : {}), ...(aesKey ? { aes_key: aesKey } : {}) };
      return source ? api.put<undefined>(`/sources/${source.id}`, body) : api.post<Made>('/sources', { ...body, kind });
    },
    onSuccess: async (result) => {
      await Promise.all([['sources'], ['source', source?.id]].map((queryKey) => client.invalidateQueries({ queryKey })));
      if (result) setMade(result);
      else onClose();
    },
  });
  const errors = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  const errorAt = (pointer: string) => errors.find((each) => each.pointer === pointer)?.message;
  const field = (label: string, pointer: string, input: React.ReactNode, hint?: string) => (
    <label className="source-field"><span className="small-text t2">{label}</span>{input}
      {errorAt(pointer) ? <span className="bad small-text">{errorAt(pointer)}</span> : hint && <span className="t3 small-text">{hint}</span>}
    </label>
  );
  const toSource = () => made && void navigate(`/sources/${made.id}`);
  return (
    <SideSheet
      onClose={made ? toSource : onClose} width={620} settled={isPending || isSuccess} title={source ? t('settings.edit', { name: source.name }) : t(`sources.new_${kind}`)}
      footer={made ? <Button type="primary" onClick={toSource}>{t('sources.on_to')}</Button> : (
        <div className="row">
          <Button type="primary" loading={isPending} disabled={!name.trim()} onClick={() => mutate()}>{t('action.save')}</Button>
          <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      )}
    >
      {made ? <Instructions kind={kind} path={made.path} secret={made.secret} config={config} /> : (
        <div className="source-form">
          {error && errors.length === 0 && <ErrorNotice error={error} />}
          {field(t('sources.name'), '/name', <Input autoFocus={!source} value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />)}
          {!source && field(t(kind === 'wechat' ? 'sources.token' : 'sources.secret'), '/secret', <Input value={secret} maxLength={200} onChange={(event) => setSecret(event.target.value)} />, t('sources.secret_hint'))}
          {kind === 'wechat' && field(t('sources.aes_key'), '/aes_key', <Input value={aesKey} maxLength={43} onChange={(event) => setAesKey(event.target.value)} />, t(source?.has_aes_key ? 'sources.aes_kept' : 'sources.aes_hint'))}
          {kind === 'webhook' && <WebhookConfigEditor sourceId={source?.id ?? null} config={config as WebhookConfig} onChange={setConfig} errorAt={errorAt} />}
          {kind === 'wechat' && <WechatConfigEditor config={config as WechatConfig} onChange={setConfig} errorAt={errorAt} />}
          {kind === 'site' && field(t('sources.source'), '/config/source', <Input value={config.source ?? ''} maxLength={60} onChange={(event) => setConfig({ ...config, source: event.target.value })} />)}
          {kind === 'site' && <Checkbox checked={config.lead ?? false} onChange={(event) => setConfig({ ...config, lead: event.target.checked })}>{t('sources.site_lead')}</Checkbox>}
        </div>
      )}
    </SideSheet>
  );
}
