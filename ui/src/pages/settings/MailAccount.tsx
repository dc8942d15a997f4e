import { useState } from 'react';
import { Button, Form, Input, InputNumber, Select, TimePicker } from 'antd';
import dayjs from 'dayjs';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { message } from '@/app/say';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonLines } from '@/part/Skeleton';
import { Dkim } from './Dkim';

interface Account {
  known: boolean;
  has_password: boolean;
  host: string;
  port: number;
  security: string;
  username: string;
  from_name: string;
  from_address: string;
  reply_to: string;
  bounce_address: string;
  public_url: string;
  authority: string;
  per_minute: number;
}
interface Policy {
  per_day: number;
  per_week: number;
  quiet_from: number;
  quiet_to: number;
  warm_first: number;
}

const accountKey = ['mail', 'account'];

/** A test mail, and what the server said to it. */
function Test() {
  const { t } = useTranslation();
  const [to, setTo] = useState('');
  const { mutate, data, error, isPending } = useMutation({ mutationFn: () => api.post<{ accepted: boolean; why: string }>('/mail/account/test', { to }) });
  return (
    <section>
      <h2>{t('mails.test')}</h2>
      <div className="row">
        <Input className="settings-search" type="email" aria-label={t('mails.test_to')} placeholder={t('mails.test_to')} value={to} onChange={(event) => setTo(event.target.value)} />
        <Button disabled={to === ''} loading={isPending} onClick={() => mutate()}>{t('mails.test')}</Button>
      </div>
      {error && <ErrorNotice error={error} />}
      {data && <p role="status" className={data.accepted ? 'ok' : 'bad'}>{data.accepted ? t('mails.test_good') : t('mails.test_bad', { why: data.why })}</p>}
    </section>
  );
}

function PolicyForm() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data } = useQuery({ queryKey: ['mail', 'policy'], queryFn: () => api.get<Policy>('/mail/policy') });
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Policy) => api.put<undefined>('/mail/policy', body),
    onSuccess: async () => { await client.invalidateQueries({ queryKey: ['mail', 'policy'] }); message.info(t('mails.saved')); },
  });
  if (!data) return <SkeletonLines />;
  const time = (minutes: number) => dayjs().startOf('day').add(minutes, 'minute');
  const minutes = (value: dayjs.Dayjs) => value.hour() * 60 + value.minute();
  return (
    <section>
      <h2>{t('mails.policy')}</h2>
      {error && <ErrorNotice error={error} />}
      <Form
        layout="vertical" className="settings-form" requiredMark={false} initialValues={{ ...data, quiet: [time(data.quiet_from), time(data.quiet_to)] }}
        onFinish={({ quiet: [from, to], ...rest }: { per_day: number; per_week: number; warm_first: number; quiet: [dayjs.Dayjs, dayjs.Dayjs] }) => mutate({ ...rest, quiet_from: minutes(from), quiet_to: minutes(to) })}
      >
        <Form.Item name="per_day" label={t('mails.per_day')}><InputNumber min={0} max={50} precision={0} /></Form.Item>
        <Form.Item name="per_week" label={t('mails.per_week')}><InputNumber min={0} max={200} precision={0} /></Form.Item>
        <Form.Item name="quiet" label={t('mails.quiet')}><TimePicker.RangePicker format="HH:mm" minuteStep={15} order={false} allowClear={false} /></Form.Item>
        <Form.Item name="warm_first" label={t('mails.warm_first')}><InputNumber min={0} max={100000} precision={0} /></Form.Item>
        <Button htmlType="submit" loading={isPending}>{t('action.save')}</Button>
      </Form>
    </section>
  );
}

/** From where and in whose name mails go, and how many. */
export function MailAccount() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm();
  const { data, error: unread, refetch } = useQuery({ queryKey: accountKey, queryFn: () => api.get<Account>('/mail/account') });
  const { mutate, isPending, error } = useMutation({
    mutationFn: ({ password, ...rest }: Record<string, unknown>) => api.put<undefined>('/mail/account', password ? { ...rest, password } : rest),
    onSuccess: async () => { await client.invalidateQueries({ queryKey: accountKey }); form.setFieldValue('password', ''); message.info(t('mails.saved')); },
    onError: (failed) => {
      if (failed instanceof ApiError) form.setFields(Object.entries(failed.fieldErrors()).map(([name, words]) => ({ name, errors: [words] })));
    },
  });
  if (unread) return <ErrorNotice error={unread} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonLines />;
  const text = (name: keyof Account, label: string, type = 'text') => <Form.Item name={name} label={label}><Input type={type} maxLength={200} /></Form.Item>;
  return (
    <>
      {!data.known && <p className="notice">{t('mails.no_account')}</p>}
      {error && !(error instanceof ApiError && Object.keys(error.fieldErrors()).length > 0) && <ErrorNotice error={error} />}
      <Form form={form} layout="vertical" className="settings-form" requiredMark={false} initialValues={data} onFinish={(values: Record<string, unknown>) => mutate(values)}>
        <div className="server-line">
          {text('host', t('mails.host'))}
          <Form.Item name="port" label={t('mails.port')}><InputNumber min={1} max={65535} precision={0} /></Form.Item>
          <Form.Item name="security" label={t('mails.security')}>
            <Select options={(['tls', 'starttls', 'none'] as const).map((value) => ({ value, label: t(`mails.security_${value}`) }))} />
          </Form.Item>
        </div>
        {text('username', t('mails.username'))}
        <Form.Item name="password" label={t('mails.password')} extra={data.has_password ? t('mails.password_kept') : undefined}><Input.Password autoComplete="new-password" maxLength={200} /></Form.Item>
        {text('from_name', t('mails.from_name'))}
        {text('from_address', t('mails.from_address'), 'email')}
        {text('reply_to', t('mails.reply_to'), 'email')}
        {text('bounce_address', t('mails.bounce_address'), 'email')}
        {text('public_url', t('mails.public_url'), 'url')}
        <Form.Item name="per_minute" label={t('mails.per_minute')}><InputNumber min={1} max={60000} precision={0} /></Form.Item>
        <Form.Item name="authority" label={t('mails.authority')}><Input.TextArea autoSize={{ minRows: 1, maxRows: 6 }} /></Form.Item>
        <Button type="primary" htmlType="submit" loading={isPending}>{t('action.save')}</Button>
      </Form>
      {data.known && <Test />}
      {data.known && <Dkim />}
      <PolicyForm />
    </>
  );
}
