import { useState } from 'react';
import { Button, Checkbox, DatePicker, Form, Input, Select } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Dayjs } from 'dayjs';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useMeta } from '@/api/meta';
import { useSession } from '@/api/session';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { scopeWords, tokenScopes } from './permissions';
import { Secret } from './Secret';

interface Token {
  id: string;
  name: string;
  scopes: string;
  read_only: boolean;
  created_at: string;
  expires_at?: string | null;
  revoked_at?: string | null;
}

const key = ['tokens'];

type Choices = ReturnType<typeof tokenScopes>;

function TokenTable({ tokens, choices, onRevoke }: { tokens: Token[]; choices: Choices; onRevoke: (id: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const state = (token: Token) => (token.revoked_at ? 'revoked' : token.expires_at && Date.parse(token.expires_at) < Date.now() ? 'expired' : 'valid');
  return (
    <TableScroll label={t('settings.tokens')}>
      <table className="plain-table">
        <thead><tr><th>{t('settings.token_name')}</th><th>{t('settings.token_may')}</th><th>{t('settings.created')}</th><th>{t('settings.expires')}</th><th>{t('settings.state')}</th><th><span className="visually-hidden">{t('settings.verbs')}</span></th></tr></thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              <td>{token.name}</td>
              <td>{scopeWords(choices, token.scopes).join(t('condition.comma')) || t('settings.token_all')}{token.read_only && <span className="t3"> · {t('settings.read_only')}</span>}</td>
              <td>{format.day(token.created_at)}</td>
              <td>{token.expires_at ? format.day(token.expires_at) : nothing}</td>
              <td><span className={`status ${state(token) === 'valid' ? 'ok' : 'idle'}`}>{t(`settings.token_${state(token)}`)}</span></td>
              <td className="num">{state(token) === 'valid' && <button type="button" className="link" onClick={() => onRevoke(token.id)}>{t('settings.revoke')}</button>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** Keys with which programs speak for this person. */
export function Tokens() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm();
  const [secret, setSecret] = useState<string | null>(null);
  const meta = useMeta();
  const { permissions } = useSession();
  const choices = tokenScopes(t, meta, permissions);
  const { data, error, refetch } = useQuery({ queryKey: key, queryFn: () => api.get<{ data: Token[] }>('/tokens') });
  const refresh = () => client.invalidateQueries({ queryKey: key });
  const create = useMutation({
    mutationFn: ({ name, scopes = [], read_only, expires }: { name: string; scopes?: string[]; read_only?: boolean; expires?: Dayjs | null }) =>
      api.post<{ secret: string }>('/tokens', { name, scopes: scopes.join(' '), read_only: read_only ?? false, ...(expires ? { expires_at: expires.endOf('day').toISOString() } : {}) }),
    onSuccess: (made) => { setSecret(made.secret); form.resetFields(); void refresh(); },
  });
  const revoke = useMutation({ mutationFn: (id: string) => api.delete(`/tokens/${id}`), onSettled: refresh });
  return (
    <>
      {secret && <Secret secret={secret} onClose={() => setSecret(null)} />}
      <Form form={form} layout="inline" requiredMark={false} onFinish={create.mutate} className="settings-inline">
        <Form.Item name="name" label={t('settings.token_name')} rules={[{ required: true, message: t('form.required', { field: t('settings.token_name') }) }]}><Input maxLength={80} /></Form.Item>
        <Form.Item name="scopes" label={t('settings.token_scopes')} className="token-scopes"><Select mode="multiple" allowClear popupMatchSelectWidth={false} maxTagCount={2} options={choices} placeholder={t('settings.token_all')} showSearch={{ optionFilterProp: 'label' }} /></Form.Item>
        <Form.Item name="expires" label={t('settings.expires')}><DatePicker /></Form.Item>
        <Form.Item name="read_only" valuePropName="checked"><Checkbox>{t('settings.read_only')}</Checkbox></Form.Item>
        <Button type="primary" htmlType="submit" loading={create.isPending}>{t('settings.token_create')}</Button>
      </Form>
      {(create.error ?? revoke.error) && <ErrorNotice error={create.error ?? revoke.error} />}
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows count={3} />}
      {data?.data.length === 0 && <p className="t2">{t('settings.tokens_none')}</p>}
      {data && data.data.length > 0 && <TokenTable tokens={data.data} choices={choices} onRevoke={revoke.mutate} />}
    </>
  );
}
