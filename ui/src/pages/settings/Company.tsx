import { useEffect, useMemo } from 'react';
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
  group: string;
  type: 'text' | 'integer' | 'choice' | 'zone' | 'currency';
  choices?: { code: string; label: string }[];
  value: string;
  standard: string;
}

const key = ['settings'];
/** Has a page of its own. */
export const modulesSetting = 'modules';

/** What the browser knows of them, in the language of the page; the server has the last word. */
const known: Record<string, (language: string) => { value: string; label: string }[]> = {
  zone: (language) => ['UTC', ...Intl.supportedValuesOf('timeZone')].map((zone) => {
    const parts = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: 'longGeneric' }).formatToParts();
    return { value: zone, label: `${zone} ${parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''}` };
  }),
  currency: (language) => {
    const names = new Intl.DisplayNames(language, { type: 'currency' });
    return Intl.supportedValuesOf('currency').map((code) => ({ value: code, label: `${code} ${names.of(code) ?? ''}` }));
  },
};

interface KnownProps {
  type: string;
  id?: string;
  value?: string;
  onChange?: (value: string) => void;
}

/** One of many, found by typing a part of its code or name. */
function KnownSelect({ type, value, ...rest }: KnownProps) {
  const { i18n: { language } } = useTranslation();
  const options = useMemo(() => known[type]?.(language) ?? [], [type, language]);
  const all = !value || options.some((option) => option.value === value) ? options : [{ value, label: value }, ...options];
  return <Select {...rest} value={value} showSearch={{ optionFilterProp: 'label' }} options={all} />;
}

function SettingItem({ setting: { name, label, type, value, standard, choices = [] } }: { setting: CompanySetting }) {
  const { t } = useTranslation();
  return (
    <Form.Item name={name} label={label} extra={standard && standard !== value ? t('settings.standard', { value: choices.find(({ code }) => code === standard)?.label ?? standard }) : undefined}>
      {type === 'choice' ? <Select options={choices.map(({ code, label: text }) => ({ value: code, label: text }))} />
        : type === 'integer' ? <InputNumber precision={0} className="full-width" />
          : type in known ? <KnownSelect type={type} /> : <Input />}
    </Form.Item>
  );
}

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
      {[...Map.groupBy(settings, ({ group }) => group)].map(([group, members]) => (
        <section key={group} className="form-group">
          <h3>{group}</h3>
          {members.map((setting) => <SettingItem key={setting.name} setting={setting} />)}
        </section>
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
