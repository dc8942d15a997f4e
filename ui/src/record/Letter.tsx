import { useEffect, useState } from 'react';
import { Button, Switch } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Entity, RecordRow } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { SkeletonLines } from '@/part/Skeleton';
import { LetterFiles } from './LetterFiles';
import { contentOfMail, namedIn, subjectOf, withPictures, type MailFile } from './letters';
import LetterWriter from './LetterWriter';

interface Party {
  name: string;
  address: string;
}
interface Mail {
  id: string;
  at: string;
  outgoing: boolean;
  automatic: boolean;
  private: boolean;
  own: boolean;
  open: boolean;
  cut: boolean;
  state: string;
  from?: Party;
  parties?: { to: Party[]; cc: Party[] };
  subject?: string;
  html?: string;
  text?: string;
  why?: string;
  attachments?: MailFile[];
  thread?: { id: string; at: string; outgoing: boolean; subject: string; excerpt: string }[];
}

const named = ({ name, address }: Party) => (name ? `${name} <${address}>` : address);

const dataOf = (blob: Blob) => new Promise<string>((done, failed) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result as string);
  reader.onerror = () => failed(new Error('unreadable'));
  reader.readAsDataURL(blob);
});

/** Pictures the text names, by their content ids, as data: the frame that shows it fetches nothing. */
function usePictures(mail: string, html: string, files: MailFile[]): Map<string, string> {
  const [pictures, setPictures] = useState(new Map<string, string>());
  const wanted = files.filter((file) => file.id && file.shown && namedIn(html, file));
  const key = wanted.map(({ id }) => id).join();
  useEffect(() => {
    let gone = false;
    void Promise.all(wanted.map(async (file): Promise<[string, string]> => {
      const response = await fetch(contentOfMail(mail, file.id));
      return [file.content_id, response.ok ? await dataOf(await response.blob()) : ''];
    })).then((found) => { if (!gone) setPictures(new Map(found.filter(([, data]) => data.startsWith('data:image/')))); });
    return () => { gone = true; };
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the list is told by its ids
  }, [mail, key]);
  return pictures;
}

/** The server's safe HTML once more behind a frame that runs nothing and fetches nothing. */
function Content({ mail, html: safe, files }: { mail: string; html: string; files: MailFile[] }) {
  const { t } = useTranslation();
  const html = withPictures(safe, usePictures(mail, safe, files));
  const root = getComputedStyle(document.documentElement);
  const colour = (name: string) => root.getPropertyValue(name);
  const style = `body{font:14px/1.6 ${getComputedStyle(document.body).fontFamily};margin:0;overflow-wrap:anywhere;color:${colour('--text-1')};background:${colour('--surface')}}img{max-width:100%;height:auto}table{border-collapse:collapse}td,th{padding:2px 8px}blockquote{margin:0 0 0 8px;padding-left:8px;border-left:2px solid ${colour('--line-2')}}a{color:${colour('--accent-text')}}`;
  const page = `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"><style>${style}</style>${html}`;
  return <iframe className="letter-content" title={t('letter.content')} sandbox="allow-popups allow-popups-to-escape-sandbox" srcDoc={page} />;
}

/** A mail with a customer, in full, with the others of its thread. */
export default function Letter({ id: first, entity, record, onClose }: { id: string; entity: Entity; record: RecordRow; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const [id, setId] = useState(first);
  const [answering, setAnswering] = useState<'reply' | 'forward' | null>(null);
  const { data: mail, error, refetch } = useQuery({ queryKey: ['correspondence', id], queryFn: () => api.get<Mail>(`/correspondence/${id}`) });
  const hide = useMutation({
    mutationFn: (hidden: boolean) => api.patch<undefined>(`/correspondence/${id}`, { private: hidden }),
    onSuccess: () => Promise.all([refetch(), client.invalidateQueries({ queryKey: ['timeline'] })]),
  });
  const thread = mail?.thread ?? [];
  const files = mail?.attachments ?? [];
  const attached = files.filter(({ inside }) => !inside);
  const pictures = files.filter((file) => file.inside && !namedIn(mail?.html ?? '', file));
  const on = { entity, record };
  const forwarded = mail && [
    '', '', t('letter.forwarded'), `${t('letter.from')}: ${mail.from ? named(mail.from) : ''}`, `${t('letter.to')}: ${mail.parties?.to.map(named).join(', ') ?? ''}`,
    `${t('letter.at')}: ${format.instant(mail.at)}`, `${t('letter.subject')}: ${mail.subject ?? ''}`, '', mail.text ?? '',
  ].join('\n').slice(0, 50_000);
  return (
    <SideSheet onClose={onClose} width={640} title={mail?.subject ?? t('letter.content')}>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!mail && !error && <SkeletonLines count={6} />}
      {mail && !mail.open && <p className="notice">{t('letter.closed')}</p>}
      {mail?.open && (
        <div className="letter">
          <dl>
            <dt>{t('letter.from')}</dt><dd>{mail.from && named(mail.from)}</dd>
            <dt>{t('letter.to')}</dt><dd>{mail.parties?.to.map(named).join(', ')}</dd>
            {mail.parties && mail.parties.cc.length > 0 && <><dt>{t('letter.cc')}</dt><dd>{mail.parties.cc.map(named).join(', ')}</dd></>}
          </dl>
          <p className="row wrap">
            <time className="t2 small-text" dateTime={mail.at}>{format.instant(mail.at)}</time>
            {mail.automatic && <span className="pill idle">{t('letter.automatic')}</span>}
            <span className="grow" />
            {mail.own && (
              <label className="row" title={t('letter.private_hint')}>
                <Switch size="small" checked={mail.private} loading={hide.isPending} onChange={(hidden) => hide.mutate(hidden)} aria-label={t('letter.private')} />
                <span className="small-text">{t('letter.private')}</span>
              </label>
            )}
            <Button size="small" onClick={() => setAnswering('reply')}>{t('letter.reply')}</Button>
            <Button size="small" onClick={() => setAnswering('forward')}>{t('letter.forward')}</Button>
          </p>
          {mail.why && <p className="bad small-text" role="alert">{mail.why}</p>}
          {mail.cut && <p className="notice">{t('letter.cut')}</p>}
          <Content mail={mail.id} html={mail.html ?? ''} files={files} />
          {attached.length > 0 && (
            <section>
              <h3>{t('letter.attachments')}</h3>
              <LetterFiles mail={mail.id} files={attached} on={on} />
            </section>
          )}
          {pictures.length > 0 && (
            <section>
              <h3>{t('letter.pictures')}</h3>
              <LetterFiles mail={mail.id} files={pictures} on={on} />
            </section>
          )}
          {thread.length > 1 && (
            <section>
              <h3>{t('letter.thread', { count: thread.length })}</h3>
              <ol className="letter-thread">
                {thread.map((one) => (
                  <li key={one.id}>
                    <button type="button" className="link" aria-current={one.id === id ? 'true' : undefined} onClick={() => setId(one.id)}>{one.subject}</button>
                    <time className="t3 small-text" dateTime={one.at}>{format.instant(one.at)}</time>
                    <p className="t2 small-text">{one.excerpt}</p>
                  </li>
                ))}
              </ol>
            </section>
          )}
        </div>
      )}
      {answering && mail?.from && (
        <LetterWriter
          entity={entity} record={record} title={t(answering === 'reply' ? 'letter.reply' : 'letter.forward')} onClose={() => { setAnswering(null); void refetch(); }}
          {...(answering === 'reply'
            ? { replyTo: mail.id, to: mail.outgoing ? mail.parties?.to.map(({ address }) => address) : [mail.from.address], subject: subjectOf(mail.subject ?? '', 'Re'), offered: files }
            : { to: [], subject: subjectOf(mail.subject ?? '', 'Fwd'), text: forwarded, chosen: attached })}
        />
      )}
    </SideSheet>
  );
}
