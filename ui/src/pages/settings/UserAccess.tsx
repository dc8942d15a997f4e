import { useState } from 'react';
import { Button, Input, Select } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useAllRecords } from '@/api/records';
import { message } from '@/app/say';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';

/** The roles of a user, saved at once, and a new password. */
export function UserAccess({ userId }: { userId: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [password, setPassword] = useState('');
  const key = ['user_roles', userId];
  const { data: roles } = useAllRecords('roles', { sort: 'name' });
  const { data, error } = useQuery({ queryKey: key, queryFn: () => api.get<{ role_ids: string[] }>(`/users/${userId}/roles`) });
  const setRoles = useMutation({
    mutationFn: (role_ids: string[]) => api.put(`/users/${userId}/roles`, { role_ids }),
    onMutate: (role_ids) => client.setQueryData(key, { role_ids }),
    onError: (failure) => message.error(errorText(failure)),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
  const setNew = useMutation({
    mutationFn: () => api.post(`/users/${userId}/password`, { password }),
    onSuccess: () => { setPassword(''); message.info(t('settings.password_set')); },
  });
  return (
    <section className="settings-access">
      <h3>{t('settings.access')}</h3>
      {error && <ErrorNotice error={error} />}
      <label className="small-text t2" htmlFor="user-roles">{t('settings.roles_of')}</label>
      <Select
        id="user-roles" mode="multiple" className="full-width" value={data?.role_ids ?? []} loading={!data} optionFilterProp="label"
        options={(roles?.data ?? []).map(({ id, name }) => ({ value: id, label: String(name) }))} onChange={(next: string[]) => setRoles.mutate(next)}
      />
      <label className="small-text t2" htmlFor="user-password">{t('settings.new_password')}</label>
      <div className="row">
        <Input.Password id="user-password" autoComplete="new-password" value={password} onChange={(event) => setPassword(event.target.value)} />
        <Button disabled={password.length < 10} loading={setNew.isPending} onClick={() => setNew.mutate()}>{t('settings.set')}</Button>
      </div>
      <span className="t3 small-text">{t('settings.password_hint')}</span>
      {setNew.error && <ErrorNotice error={setNew.error} />}
    </section>
  );
}
