import { useState } from 'react';
import { Button, Form, Input, InputNumber, Select, Switch } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { message } from '@/app/say';
import { useFormat } from '@/format/useFormat';
import { DayInput } from '@/part/DayInput';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonLines } from '@/part/Skeleton';

export interface MailboxState {
  enabled: boolean;
  address: string;
  state: string;
  advice: string;
  why: string;
  synced_at: string | null;
}
interface Mailbox extends MailboxState {
  known: boolean;
  name: string;
  imap_host: string;
  imap_port: number;
  imap_security: string;
  username: string;
  has_password: boolean;
  authority: string;
  smtp_host: string;
  smtp_port: number;
  smtp_security: string;
  inbox: string;
  sent: string;
  since: string;
  excluded: string;
}
interface Tried {
  works: boolean;
  advice: string;
  why: string;
  folders: { name: string; label: string; sent: boolean }[];
}

/** Servers of the usual providers. */
const providers: Record<string, { label: string; imap: string; smtp: string; port: number; security: string }> = {
  exmail: { label: '腾讯企业邮', imap: 'imap.exmail.qq.com', smtp: 'smtp.exmail.qq.com', port: 465, security: 'tls' },
  aliyun: { label: '阿里企业邮', imap: 'imap.qiye.aliyun.com', smtp: 'smtp.qiye.aliyun.com', port: 465, security: 'tls' },
  netease: { label: '网易企业邮', imap: 'imap.qiye.163.com', smtp: 'smtp.qiye.163.com', port: 465, security: 'tls' },
  qq: { label: 'QQ 邮箱', imap: 'imap.qq.com', smtp: 'smtp.qq.com', port: 465, security: 'tls' },
  163: { label: '163 邮箱', imap: 'imap.163.com', smtp: 'smtp.163.com', port: 465, security: 'tls' },
  gmail: { label: 'Gmail', imap: 'imap.gmail.com', smtp: 'smtp.gmail.com', port: 465, security: 'tls' },
};

const tone = (state: string) => (state === 'works' ? 'ok' : state === 'new' || state === 'reading' ? 'info' : 'bad');

/** How a mailbox fares, and what to do about it. */
export function State({ box }: { box: MailboxState }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <span className={`pill ${box.enabled ? tone(box.state) : 'idle'}`}>{box.enabled ? box.advice.split(/[：:]/)[0] : t('mailbox.off')}</span>{' '}
      <span className="t2 small-text">{box.synced_at ? t('mailbox.last', { when: format.instant(box.synced_at) }) : t('mailbox.never')}</span>
      {box.enabled && tone(box.state) === 'bad' && <p className="bad small-text">{box.advice}{box.why && ` · ${box.why}`}</p>}
    </>
  );
}

function Server({ which }: { which: 'imap' | 'smtp' }) {
  const { t } = useTranslation();
  return (
    <section className="server-line">
      <h3>{t(`mailbox.${which}`)}</h3>
      <Form.Item name={`${which}_host`} label={t('mailbox.host')}><Input maxLength={200} /></Form.Item>
      <Form.Item name={`${which}_port`} label={t('mailbox.port')}><InputNumber min={1} max={65535} precision={0} /></Form.Item>
      <Form.Item name={`${which}_security`} label={t('mailbox.security')}>
        <Select options={(['tls', 'starttls', 'none'] as const).map((value) => ({ value, label: t(`mailbox.security_${value}`) }))} />
      </Form.Item>
    </section>
  );
}

/** One mailbox's settings: a person's own, or with `returns` the company's for what comes back. */
export function MailboxForm({ path, box, returns = false, onGone }: { path: string; box?: string; returns?: boolean; onGone?: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm();
  const [tried, setTried] = useState<Tried>();
  const which = box ? { box } : undefined;
  const asked = (verb = '') => `${path}${verb}${box ? `?box=${box}` : ''}`;
  const { data, error: unread, refetch } = useQuery({ queryKey: ['mailbox', path, box], queryFn: () => api.get<Mailbox>(path, which), refetchInterval: 10_000 });
  const shown = (failed: Error) => {
    if (failed instanceof ApiError) form.setFields(Object.entries(failed.fieldErrors()).map(([name, words]) => ({ name, errors: [words] })));
  };
  const refresh = () => client.invalidateQueries({ queryKey: ['mailbox'] });
  const bodyOf = ({ password, ...rest }: Record<string, unknown>) => (password ? { ...rest, password } : rest);
  const save = useMutation({
    mutationFn: (values: Record<string, unknown>) => api.put<undefined>(asked(), bodyOf(values)),
    onSuccess: async () => { await refresh(); form.setFieldValue('password', ''); message.info(t('mailbox.saved')); if (box === 'new') onGone?.(); },
    onError: shown,
  });
  const test = useMutation({ mutationFn: () => api.post<Tried>(asked('/test'), bodyOf(form.getFieldsValue() as Record<string, unknown>)), onSuccess: setTried, onError: shown });
  const sync = useMutation({ mutationFn: () => api.post<undefined>(asked('/sync'), {}), onSuccess: async () => { await refresh(); message.info(t('mailbox.synced')); } });
  const end = useMutation({ mutationFn: () => api.delete(asked()), onSuccess: async () => { await refresh(); message.info(t('mailbox.disconnected')); onGone?.(); } });
  if (unread) return <ErrorNotice error={unread} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonLines />;
  const failed = save.error ?? test.error ?? sync.error ?? end.error;
  const choose = (key: string) => {
    const provider = providers[key];
    if (provider) form.setFieldsValue({ imap_host: provider.imap, imap_port: 993, imap_security: 'tls', smtp_host: provider.smtp, smtp_port: provider.port, smtp_security: provider.security });
  };
  return (
    <>
      {data.known && <p><State box={data} /></p>}
      {failed && !(failed instanceof ApiError && Object.keys(failed.fieldErrors()).length > 0) && <ErrorNotice error={failed} />}
      <Form form={form} layout="vertical" className="settings-form" requiredMark={false} initialValues={data} onFinish={(values: Record<string, unknown>) => save.mutate(values)}>
        <Form.Item name="enabled" label={t('mailbox.enabled')} valuePropName="checked"><Switch /></Form.Item>
        <Form.Item label={t('mailbox.provider')}>
          <Select aria-label={t('mailbox.provider')} placeholder={t('mailbox.provider_other')} options={Object.entries(providers).map(([value, { label }]) => ({ value, label }))} onChange={choose} />
        </Form.Item>
        <Form.Item name="address" label={t('mailbox.address')}><Input type="email" maxLength={200} /></Form.Item>
        {!returns && <Form.Item name="name" label={t('mailbox.name')}><Input maxLength={100} /></Form.Item>}
        <Form.Item name="username" label={t('mailbox.username')}><Input autoComplete="off" maxLength={200} /></Form.Item>
        <Form.Item name="password" label={t('mailbox.password')} extra={data.has_password ? t('mailbox.password_kept') : undefined}><Input.Password autoComplete="new-password" maxLength={200} /></Form.Item>
        <Server which="imap" />
        {!returns && <Server which="smtp" />}
        <Form.Item name="inbox" label={t('mailbox.inbox')}><Input maxLength={200} /></Form.Item>
        {!returns && <Form.Item name="sent" label={t('mailbox.sent')}><Input maxLength={200} /></Form.Item>}
        <Form.Item name="since" label={t('mailbox.since')}><DayInput /></Form.Item>
        {!returns && <Form.Item name="excluded" label={t('mailbox.excluded')}><Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} maxLength={5000} /></Form.Item>}
        <Form.Item name="authority" label={t('mailbox.authority')}><Input.TextArea autoSize={{ minRows: 1, maxRows: 6 }} /></Form.Item>
        {tried && <p role="status" className={tried.works ? 'ok' : 'bad'}>{tried.works ? t('mailbox.test_good', { count: tried.folders.length }) : `${tried.advice} · ${tried.why}`}</p>}
        <div className="row wrap">
          <Button type="primary" htmlType="submit" loading={save.isPending}>{t('action.save')}</Button>
          <Button loading={test.isPending} onClick={() => test.mutate()}>{t('mailbox.test')}</Button>
          {data.known && <Button type="text" loading={sync.isPending} onClick={() => sync.mutate()}>{t('mailbox.sync')}</Button>}
          {data.known && <Button type="text" loading={end.isPending} onClick={() => end.mutate()}>{t('mailbox.disconnect')}</Button>}
        </div>
      </Form>
    </>
  );
}

/** The person's own mailboxes, one at a time. */
export function MyMailbox() {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string>();
  const { data } = useQuery({ queryKey: ['mailbox', 'boxes'], queryFn: () => api.get<{ data: (MailboxState & { id: string })[]; most: number }>('/mailbox/boxes') });
  const boxes = data?.data ?? [];
  const box = chosen ?? boxes[0]?.id ?? 'new';
  const more = data !== undefined && boxes.length > 0 && boxes.length < data.most;
  return (
    <>
      <p className="notice">{t('mailbox.privacy')}</p>
      {boxes.length > 0 && (
        <div className="row wrap mailbox-choice" role="group" aria-label={t('mailbox.all')}>
          {boxes.map(({ id, address, enabled, state }) => (
            <button key={id} type="button" className={id === box ? 'quiet-button on' : 'quiet-button'} aria-pressed={id === box} onClick={() => setChosen(id)}>
              {address}{enabled && tone(state) === 'bad' && <span className="bad" title={t('mailbox.state')}> !</span>}
            </button>
          ))}
          {more && <button type="button" className={box === 'new' ? 'quiet-button on' : 'quiet-button'} aria-pressed={box === 'new'} onClick={() => setChosen('new')}>{t('mailbox.add')}</button>}
        </div>
      )}
      {data ? <MailboxForm key={box} path="/mailbox" box={box} onGone={() => setChosen(undefined)} /> : <SkeletonLines />}
    </>
  );
}
