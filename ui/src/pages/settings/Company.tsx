import { useEffect } from 'react';
import { Button, Form, Input, InputNumber, Select } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { message } from '@/app/say';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonLines } from '@/part/Skeleton';

interface CompanySetting {
  name: string;
  label: string;
  type: 'text' | 'integer' | 'choice';
  choices?: { code: string; label: string }[];
  value: string;
  standard: string;
}

const key = ['settings'];
/** Has a page of its own. */
export const modulesSetting = 'modules';

function CompanyForm({ settings }: { settings: CompanySetting[] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (filled: Record<string, unknown>) => api.patch<{ data: CompanySetting[] }>('/settings', Object.fromEntries(
      settings.filter(({ name, value }) => String(filled[name] ?? '') !== value).map(({ name, type }) => [name, type === 'integer' ? Number(filled[name]) : String(filled[name] ?? '')]),
    )),
    onSuccess: (saved) => {
      client.setQueryData(key, saved);
      void client.invalidateQueries({ queryKey: ['session'] });
      message.info(t('settings.saved'));
    },
  });
  const byField = error instanceof ApiError ? error.fieldErrors() : {};
  const named = settings.filter(({ name }) => byField[name]);
  useEffect(() => {
    form.setFields(named.map(({ name }) => ({ name, errors: [byField[name] ?? ''] })));
  }, [error]);
  const initial = Object.fromEntries(settings.map(({ name, type, value }) => [name, type === 'integer' ? Number(value) : value]));
  return (
    <Form form={form} layout="vertical" className="settings-form" initialValues={initial} onFinish={mutate}>
      {error && named.length === 0 && <ErrorNotice error={error} />}
      {settings.map(({ name, label, type, value, standard, choices = [] }) => (
        <Form.Item key={name} name={name} label={label} extra={standard && standard !== value ? t('settings.standard', { value: choices.find(({ code }) => code === standard)?.label ?? standard }) : undefined}>
          {type === 'choice' && <Select options={choices.map(({ code, label: text }) => ({ value: code, label: text }))} />}
          {type === 'integer' && <InputNumber precision={0} className="full-width" />}
          {type === 'text' && <Input />}
        </Form.Item>
      ))}
      <Button type="primary" htmlType="submit" loading={isPending}>{t('action.save')}</Button>
    </Form>
  );
}

/** What holds for the whole company. */
export function Company() {
  const { data, error, refetch } = useQuery({ queryKey: key, queryFn: () => api.get<{ data: CompanySetting[] }>('/settings') });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return data ? <CompanyForm settings={data.data.filter(({ name }) => name !== modulesSetting)} /> : <SkeletonLines count={8} />;
}
