import { useState } from 'react';
import { Button, Input, Select } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useFormat } from '@/format/useFormat';
import { Dialog } from '@/part/Dialog';
import { ErrorNotice } from '@/part/ErrorNotice';

const channels = ['email', 'sms', 'phone', 'wechat', 'wecom', 'app', 'any'] as const;
const purposes = ['marketing', 'service', 'privacy'] as const;
type Channel = (typeof channels)[number];
type Purpose = (typeof purposes)[number];
type State = 'given' | 'withdrawn';

interface Line {
  id: string;
  channel: Channel;
  purpose: Purpose;
  state: State;
  text: string;
  version: string;
  source: string;
  at: string;
  actor: string;
}
interface Consents {
  now: { channel: Channel; purpose: Purpose; state: State; at: string; consent_id: string }[];
  data: Line[];
}

/** What somebody said, noted with the words and where it was said. */
function Note({ personId, state, onClose }: { personId: string; state: State; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [line, setLine] = useState({ channel: 'email' as Channel, purpose: 'marketing' as Purpose, text: '', source: '' });
  const given = state === 'given';
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => api.post<Consents>(`/people/${personId}/consents/${given ? 'give' : 'withdraw'}`, { ...line, ...(line.text ? {} : { text: undefined }) }),
    onSuccess: (consents) => {
      client.setQueryData(['consents', personId], consents);
      onClose();
    },
  });
  return (
    <Dialog
      title={t(given ? 'consent.note_given' : 'consent.note_withdrawn')} okText={t('action.save')} cancelText={t('action.cancel')} onCancel={onClose} onOk={() => mutate()} confirmLoading={isPending}
      okButtonProps={{ disabled: !line.source.trim() || (given && !line.text.trim()) }}
    >
      <div className="consent-note">
        <div className="row">
          <Select aria-label={t('consent.channel')} className="grow" value={line.channel} onChange={(channel: Channel) => setLine({ ...line, channel })} options={channels.map((value) => ({ value, label: t(`consent.channel_${value}`) }))} />
          <Select aria-label={t('consent.purpose')} className="grow" value={line.purpose} onChange={(purpose: Purpose) => setLine({ ...line, purpose })} options={purposes.map((value) => ({ value, label: t(`consent.purpose_${value}`) }))} />
        </div>
        {given && <Input.TextArea aria-label={t('consent.words')} placeholder={t('consent.words')} maxLength={4000} autoSize={{ minRows: 2, maxRows: 8 }} value={line.text} onChange={(event) => setLine({ ...line, text: event.target.value })} />}
        <Input aria-label={t('consent.where')} placeholder={t('consent.where_hint')} maxLength={40} value={line.source} onChange={(event) => setLine({ ...line, source: event.target.value })} />
        {error && <ErrorNotice error={error} />}
      </div>
    </Dialog>
  );
}

/** What a person agreed to hear, by channel and purpose, and every time it was said. */
export function Consents({ personId, mayUpdate }: { personId: string; mayUpdate: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [noting, setNoting] = useState<State | null>(null);
  const [history, setHistory] = useState(false);
  const { data } = useQuery({ queryKey: ['consents', personId], queryFn: () => api.get<Consents>(`/people/${personId}/consents`) });
  if (!data) return null;
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('consent.title')}</h2>
        {data.data.length > 0 && <button type="button" className="link small-text" aria-expanded={history} onClick={() => setHistory(!history)}>{t(history ? 'consent.less' : 'consent.history', { count: data.data.length })}</button>}
      </div>
      {data.now.length === 0 && <p className="t3 dense">{t('consent.none')}</p>}
      <ul className="related">
        {data.now.map((held) => (
          <li key={held.channel + held.purpose}>
            <span className={`status ${held.state === 'given' ? 'ok' : 'bad'}`}>{t(`consent.channel_${held.channel}`)} · {t(`consent.purpose_${held.purpose}`)}</span>
            <span className="t3 small-text grow num">{t(`consent.${held.state}`)} {format.near(held.at)}</span>
          </li>
        ))}
      </ul>
      {history && (
        <ol className="consent-history">
          {data.data.map((line) => (
            <li key={line.id} className="small-text">
              <b>{t(`consent.${line.state}`)}</b> {t(`consent.channel_${line.channel}`)} · {t(`consent.purpose_${line.purpose}`)} <span className="t3">{format.instant(line.at)} · {line.source}{line.version && ` · ${line.version}`}{line.actor && ` · ${line.actor}`}</span>
              {line.text && <q className="t2">{line.text}</q>}
            </li>
          ))}
        </ol>
      )}
      {mayUpdate && (
        <div className="row">
          <Button size="small" onClick={() => setNoting('given')}>{t('consent.note_given')}</Button>
          <Button size="small" onClick={() => setNoting('withdrawn')}>{t('consent.note_withdrawn')}</Button>
        </div>
      )}
      {noting && <Note personId={personId} state={noting} onClose={() => setNoting(null)} />}
    </section>
  );
}
