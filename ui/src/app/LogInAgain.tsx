import { useState } from 'react';
import { Button, Form, Input } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { forgetSession, logInAgain } from '@/api/session';
import type { Session } from '@/api/types';
import { Dialog } from '@/part/Dialog';
import { useErrorText } from '@/part/ErrorNotice';

interface Props {
  session: Session;
  onDone: () => void;
}

/** The session has ended under somebody at work: the page stays as it is, with what was typed in it, until the password is given again. */
export function LogInAgain({ session, onDone }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [error, setError] = useState<string | null>(null);
  const [waiting, setWaiting] = useState(false);
  const submit = async ({ password }: { password: string }) => {
    setWaiting(true);
    setError(null);
    try {
      await logInAgain(client, session.user.login, password);
      onDone();
    } catch (failure) {
      setError(failure instanceof ApiError && failure.status === 401 ? t('login.refused') : errorText(failure));
      setWaiting(false);
    }
  };
  return (
    <Dialog closable={false} keyboard={false} mask={{ closable: false, blur: true }} width={400} title={t('login.again')} footer={null}>
      <p className="t2">{t('login.again_hint', { name: session.user.name })}</p>
      <Form layout="vertical" requiredMark={false} onFinish={submit}>
        <input type="text" hidden readOnly autoComplete="username" value={session.user.login} />
        <Form.Item
          name="password" label={t('login.password')} rules={[{ required: true, message: t('login.required') }]}
          validateStatus={error ? 'error' : undefined} help={error ?? undefined}
        >
          <Input.Password autoFocus autoComplete="current-password" />
        </Form.Item>
        <div className="row">
          <Button type="primary" htmlType="submit" loading={waiting}>{t('login.submit')}</Button>
          <Button type="text" onClick={() => forgetSession(client)}>{t('login.other')}</Button>
        </div>
      </Form>
    </Dialog>
  );
}
