import { useState } from 'react';
import { Button, Input, Segmented } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonLines } from '@/part/Skeleton';
import { useCopy } from '@/part/useCopy';

interface Key {
  selector: string;
  domain: string;
  algorithm: 'rsa' | 'ed25519';
  active: boolean;
  record_name: string;
  record_value: string;
  created_at: string;
}
interface Signing {
  domain: string;
  keys: Key[];
  spf_value: string;
  dmarc_value: string;
}
interface Checked {
  name: string;
  state: 'ok' | 'missing' | 'differs' | 'unreachable';
  found: string;
}

const tones = { ok: 'ok', missing: 'warn', differs: 'bad', unreachable: 'idle' } as const;
const signingKey = ['mail', 'dkim'];

/** A DNS record to publish, and what DNS says of it. */
function Record({ name, value, checked }: { name: string; value: string; checked: Checked | undefined }) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <dl className="dns-record">
      <dt className="small-text t2">{t('dkim.record')}</dt><dd><code>{name}</code> {checked && <span className={`status ${tones[checked.state]}`}>{t(`dkim.state_${checked.state}`)}</span>}</dd>
      <dt className="small-text t2">{t('dkim.value')}</dt><dd className="row"><code className="grow">{value}</code><button type="button" className="quiet-button small" onClick={() => copy(value)}>{t('dkim.copy')}</button></dd>
      {checked?.state === 'differs' && <dd className="t2"><code>{checked.found}</code></dd>}
    </dl>
  );
}

function NewKey({ onMade }: { onMade: () => Promise<void> }) {
  const { t } = useTranslation();
  const [selector, setSelector] = useState(`s${new Date().getFullYear()}`);
  const [algorithm, setAlgorithm] = useState<Key['algorithm']>('rsa');
  const { mutate, isPending, error } = useMutation({ mutationFn: () => api.post<undefined>('/mail/dkim', { selector, algorithm }), onSuccess: onMade });
  return (
    <>
      {error && <ErrorNotice error={error} />}
      <div className="row wrap">
        <Input className="settings-search" aria-label={t('dkim.selector')} value={selector} maxLength={40} onChange={({ target }) => setSelector(target.value.toLowerCase())} />
        <Segmented aria-label={t('dkim.title')} value={algorithm} options={[{ value: 'rsa', label: 'RSA 2048' }, { value: 'ed25519', label: 'Ed25519' }]} onChange={setAlgorithm} />
        <Button loading={isPending} onClick={() => mutate()}>{t('dkim.make')}</Button>
      </div>
    </>
  );
}

/** The keys that sign, and the records receivers look for. */
export function Dkim() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data, error } = useQuery({ queryKey: signingKey, queryFn: () => api.get<Signing>('/mail/dkim') });
  const refresh = () => client.invalidateQueries({ queryKey: signingKey });
  const turn = useMutation({
    mutationFn: ({ selector, verb }: { selector: string; verb: 'on' | 'off' | 'delete' }) => (verb === 'delete' ? api.delete(`/mail/dkim/${selector}`) : api.post<undefined>(`/mail/dkim/${selector}/${verb}`)),
    onSuccess: refresh,
  });
  const check = useMutation({ mutationFn: async () => (await api.post<{ data: Checked[] }>('/mail/dkim/check')).data });
  if (error) return <ErrorNotice error={error} />;
  if (!data) return <SkeletonLines />;
  const found = (name: string) => check.data?.find((one) => one.name === name);
  const failed = turn.error ?? check.error;
  return (
    <section className="dkim">
      <h2>{t('dkim.title')}</h2>
      <p className="t2">{t('dkim.hint', { domain: data.domain })}</p>
      {failed && <ErrorNotice error={failed} />}
      <ul>
        {data.keys.map((key) => (
          <li key={`${key.selector} ${key.domain}`}>
            <div className="row wrap">
              <b>{key.selector}</b><span className="t2">{key.algorithm === 'rsa' ? 'RSA 2048' : 'Ed25519'}</span><span className={`status ${key.active ? 'ok' : 'idle'}`}>{t(key.active ? 'dkim.active' : 'dkim.off')}</span>
              <span className="grow" />
              <button type="button" className="quiet-button small" onClick={() => turn.mutate({ selector: key.selector, verb: key.active ? 'off' : 'on' })}>{t(key.active ? 'dkim.switch_off' : 'dkim.switch_on')}</button>
              {!key.active && <button type="button" className="quiet-button small" onClick={() => turn.mutate({ selector: key.selector, verb: 'delete' })}>{t('dkim.remove')}</button>}
            </div>
            <Record name={key.record_name} value={key.record_value} checked={found(key.record_name)} />
          </li>
        ))}
      </ul>
      <NewKey onMade={refresh} />
      <p className="t2">{t('dkim.spf')}</p>
      <Record name={data.domain} value={data.spf_value} checked={found(data.domain)} />
      <p className="t2">{t('dkim.dmarc')}</p>
      <Record name={`_dmarc.${data.domain}`} value={data.dmarc_value} checked={found(`_dmarc.${data.domain}`)} />
      <div className="row"><Button loading={check.isPending} onClick={() => check.mutate()}>{t('dkim.check')}</Button></div>
    </section>
  );
}
