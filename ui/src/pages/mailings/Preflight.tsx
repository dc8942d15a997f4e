import { useState } from 'react';
import { Button } from 'antd';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useRecord } from '@/api/records';
import { useMay } from '@/api/session';
import type { RecordRow } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { SkeletonLines, SkeletonRows } from '@/part/Skeleton';
import type { Draft as MailDraft } from '../mails/mails';
import { Preview } from '../mails/Preview';
import '../mails/mails.css';
import type { Draft, Preflight } from './mailings';

interface People {
  data: { person_id: string; person: string }[];
  next: string | null;
}

/** The people behind one figure. */
function Behind({ id, reason, title, onClose }: { id: string; reason: string; title: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['mailings', 'preflight', id, 'people', reason], initialPageParam: '0', getNextPageParam: ({ next }: People) => next,
    queryFn: ({ pageParam }) => api.get<People>(`/mailings/${id}/preflight/people`, { reason, after: pageParam }),
  });
  const people = data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <SideSheet onClose={onClose} width={420} title={title}>
      {error && <ErrorNotice error={error} />}
      {!data && !error && <SkeletonRows count={6} />}
      <ul className="mailing-people">{people.map(({ person_id, person }) => <li key={person_id}><Link to={`/people/${person_id}`}>{person || t('journeys.hidden_person')}</Link></li>)}</ul>
      {hasNextPage && <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('timeline.more')}</Button>}
    </SideSheet>
  );
}

/** Whom it would reach as it is saved. */
export function usePreflight(id: string | null) {
  return useQuery({ queryKey: ['mailings', 'preflight', id], queryFn: () => api.get<Preflight>(`/mailings/${id}/preflight`), retry: false, enabled: id !== null });
}

function Figures({ id }: { id: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const format = useFormat();
  const [open, setOpen] = useState<{ reason: string; title: string } | null>(null);
  const { data, error } = usePreflight(id);
  if (error) return <ErrorNotice error={error} />;
  if (!data) return <SkeletonLines />;
  return (
    <>
      <p className="mailing-will"><button type="button" className="link figure" onClick={() => setOpen({ reason: '', title: t('mailings.will') })}>{format.count(data.will)}</button> {t('mailings.will_of', { people: format.count(data.people) })}</p>
      <p className="t2">{t('mailings.from_to', { from: format.instant(data.begins_at), to: format.instant(data.ends_at) })}{data.quiet && ` · ${t('mailings.quiet')}`}</p>
      {!data.account && <p className="notice warn">{t('mailings.no_account')} {may('settings:manage') ? <Link to="/settings/mail">{t('mails.account')}</Link> : t('mailings.ask_account')}</p>}
      {data.against.length > 0 && <h3>{t('mailings.against')}</h3>}
      <ul className="mailing-against">
        {data.against.map(({ reason, why, people }) => (
          <li key={reason}><span className="grow">{why}</span><button type="button" className="link" aria-label={`${why} ${people}`} onClick={() => setOpen({ reason, title: why })}>{format.count(people)}</button></li>
        ))}
      </ul>
      {open && <Behind id={id} reason={open.reason} title={open.title} onClose={() => setOpen(null)} />}
    </>
  );
}

/** Before the launch: how many get it, why the others do not, and how one of them will read it. */
export function PreflightPanel({ record, saved, draft }: { record: RecordRow | null; saved: boolean; draft: Draft }) {
  const { t } = useTranslation();
  const template = useRecord('mail_templates', draft.template_id);
  return (
    <>
      <h2>{t('mailings.before')}</h2>
      {record && saved ? <Figures id={record.id} /> : <p className="t2">{t('mailings.save_first')}</p>}
      {template.data && <Preview draft={{ ...(template.data as unknown as MailDraft), preheader: String(template.data.preheader ?? '') }} />}
    </>
  );
}
