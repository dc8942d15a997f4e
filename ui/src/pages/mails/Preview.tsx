import { useEffect, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { ErrorNotice } from '@/part/ErrorNotice';
import { filled, type Draft, type Preview as Made } from './mails';

const waitMs = 400;
const widths = { desktop: '100%', phone: '375px' } as const;

/** The draft as it was a moment ago, so that each letter does not ask the server. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), waitMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** The mail as it will be read: on a desktop, on a phone, as text, by a certain person; a frame for each state, as for the preview of a form. */
export function Preview({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const [form, setForm] = useState<'desktop' | 'phone' | 'text'>('desktop');
  const [person, setPerson] = useState<string | null>(null);
  const blocks = filled(draft.blocks);
  const body = useSettled(JSON.stringify({ subject: draft.subject, preheader: draft.preheader, topic: draft.topic, language: draft.language, blocks, person_id: person }));
  const { data, error } = useQuery({
    queryKey: ['mail', 'preview', body], queryFn: () => api.post<Made>('/mail/preview', JSON.parse(body)), enabled: blocks.length > 0, placeholderData: (previous) => previous, retry: false,
  });
  return (
    <section className="mail-preview" aria-label={t('mails.preview')}>
      <div className="row wrap">
        <div className="segments" role="group" aria-label={t('mails.preview')}>
          {(['desktop', 'phone', 'text'] as const).map((one) => <button key={one} type="button" className={form === one ? 'on' : undefined} aria-pressed={form === one} onClick={() => setForm(one)}>{t(`mails.on_${one}`)}</button>)}
        </div>
        <div className="grow"><ReferenceSelect target="person" label={t('mails.as_person')} everything={t('mails.as_person')} value={person} onChange={(id) => setPerson(id)} /></div>
      </div>
      {error && <ErrorNotice error={error} />}
      {data && blocks.length > 0 && <p className="mail-subject"><b>{data.subject || t('mails.no_subject')}</b>{draft.preheader && <span className="t2"> · {draft.preheader}</span>}</p>}
      {blocks.length === 0 && <p className="t2">{t('mails.preview_empty')}</p>}
      {data && blocks.length > 0 && (form === 'text'
        ? <pre className="mail-text">{data.text}</pre>
        : <iframe key={data.html} title={t('mails.preview')} sandbox="" srcDoc={data.html} style={{ width: widths[form] }} />)}
    </section>
  );
}
