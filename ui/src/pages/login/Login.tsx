import { useEffect, useRef, useState } from 'react';
import { Button, Form, Input, type InputRef } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { Navigate, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import type { Language } from '@/api/types';
import { logIn, useSessionQuery } from '@/api/session';
import { setPreferences } from '@/app/preferences';
import { useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { changeLanguage } from '@/text/i18n';
import './login.css';

/** Only addresses of this client; anything else would send a person elsewhere after log-in. */
function safeBack(back: string | null): string {
  return back && /^\/(?![/\\])/.test(back) ? back : '/';
}

function OtherLanguage({ onChoose }: { onChoose: (language: Language) => void }) {
  const { i18n } = useTranslation();
  const other: Language = i18n.language === 'zh' ? 'en' : 'zh';
  const choose = () => {
    onChoose(other);
    setPreferences({ language: other });
    void changeLanguage(other);
  };
  return (
    <button type="button" className="link" lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={choose}>
      {other === 'zh' ? '中文' : 'English'}
    </button>
  );
}

export default function Login() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [search] = useSearchParams();
  const { data: session } = useSessionQuery();
  const errorText = useErrorText();
  const [error, setError] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Language>();
  const [waiting, setWaiting] = useState(false);
  const password = useRef<InputRef>(null);
  useEffect(() => { document.title = t('login.title'); }, [t]);
  if (session) return <Navigate to={safeBack(search.get('back'))} replace />;

  const submit = async (values: { login: string; password: string }) => {
    setWaiting(true);
    setError(null);
    try {
      await logIn(client, values.login.trim(), values.password, chosen);
    } catch (failure) {
      const status = failure instanceof ApiError ? failure.status : 0;
      if (status === 401) setError(t('login.refused'));
      else if (status === 429) setError(t('login.too_many'));
      else setError(errorText(failure));
      password.current?.focus({ cursor: 'all' });
    } finally {
      setWaiting(false);
    }
  };
  const required = [{ required: true, message: t('login.required') }];
  return (
    <main className="login">
      <div className="login-box">
        <Icon name="brand" size={20} className="acc" />
        <h1>{t('login.title')}</h1>
        <p className="t2">{t('login.lead')}</p>
        <Form layout="vertical" requiredMark={false} onFinish={submit} size="large">
          <Form.Item name="login" label={t('login.name')} rules={required}>
            <Input autoFocus autoComplete="username" autoCapitalize="none" spellCheck={false} />
          </Form.Item>
          <Form.Item
            name="password"
            label={t('login.password')}
            rules={required}
            validateStatus={error ? 'error' : undefined}
            help={error ?? undefined}
          >
            <Input.Password ref={password} autoComplete="current-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={waiting}>{t('login.submit')}</Button>
        </Form>
        <OtherLanguage onChoose={setChosen} />
      </div>
    </main>
  );
}
