import { useState } from 'react';
import { Button } from 'antd';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Tone } from '@/api/types';
import { message } from '@/app/say';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { prettyPayload, type SourceKind } from './sources';
import './sources.css';

export const captureStates = ['done', 'failed', 'duplicate', 'spam', 'ignored'] as const;
export type CaptureState = (typeof captureStates)[number];
const tones: Record<CaptureState, Tone> = { done: 'ok', failed: 'bad', duplicate: 'idle', spam: 'warn', ignored: 'idle' };

export interface Capture {
  id: string;
  at: string;
  state: CaptureState;
  version: number;
  attempts: number;
  lead_id: string | null;
  person_id: string | null;
  payload: string;
  why: string;
  answers: { label: string; text: string }[];
}
interface CapturePage {
  data: Capture[];
  next: string | null;
}
interface Place {
  kind: SourceKind;
  place: string | null;
}

/** What came in by a source, the newest first, a hundred at a time. */
export function useCaptures({ kind, place, state }: Place & { state: string }) {
  return useInfiniteQuery({
    queryKey: ['captures', kind, place, state],
    queryFn: ({ pageParam }) => api.get<CapturePage>('/captures', { kind, place, state, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

function useRenewed() {
  const client = useQueryClient();
  return () => Promise.all([['captures'], ['sources'], ['forms']].map((queryKey) => client.invalidateQueries({ queryKey })));
}

export function useReplayAll(place: Place) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const renew = useRenewed();
  return useMutation({
    mutationFn: () => api.post<{ done: number; failed: number }>('/captures/replay', place),
    onSuccess: async ({ done, failed }) => {
      message.info(t('sources.replayed_all', { done, failed }));
      await renew();
    },
    onError: (error) => message.error(errorText(error)),
  });
}

function Row({ capture }: { capture: Capture }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const renew = useRenewed();
  const [open, setOpen] = useState(false);
  const again = useMutation({
    mutationFn: () => api.post<Capture>(`/captures/${capture.id}/replay`, {}),
    onSuccess: async (now) => {
      if (now.state === 'failed') message.error(now.why);
      else message.info(t('sources.replayed'));
      await renew();
    },
    onError: (error) => message.error(errorText(error)),
  });
  const replayable = capture.state === 'failed' || capture.state === 'spam' || capture.state === 'ignored';
  const summary = capture.answers.map(({ text }) => text).join(' · ') || capture.payload;
  return (
    <li className="capture">
      <div className="row wrap">
        <button type="button" className="capture-open" aria-expanded={open} onClick={() => setOpen(!open)}>
          <span className={`status ${tones[capture.state]}`}>{t(`sources.state_${capture.state}`)}</span>
          <time className="t3 nowrap" title={format.instant(capture.at)}>{format.near(capture.at)}</time>
          <span className="ellipsis grow">{summary}</span>
        </button>
        {capture.lead_id && <Link to={`/leads/${capture.lead_id}`}>{t('sources.lead')}</Link>}
        {!capture.lead_id && capture.person_id && <Link to={`/people/${capture.person_id}`}>{t('sources.person')}</Link>}
        {replayable && <Button size="small" loading={again.isPending} onClick={() => again.mutate()}>{t(capture.state === 'spam' ? 'sources.no_spam' : 'sources.replay')}</Button>}
      </div>
      {capture.why && <p className="bad dense">{capture.why}{capture.attempts > 1 && <span className="t3"> · {t('sources.attempts', { count: capture.attempts })}</span>}</p>}
      {open && (
        <div className="capture-more">
          {capture.answers.length > 0 && <dl>{capture.answers.map(({ label, text }, index) => <div key={index}><dt className="t3">{label}</dt><dd>{text}</dd></div>)}</dl>}
          {capture.version > 0 && <p className="t3 small-text">{t('sources.of_version', { version: capture.version })}</p>}
          <pre className="form-snippet" tabIndex={0} aria-label={t('sources.payload')}>{prettyPayload(capture.payload)}</pre>
        </div>
      )}
    </li>
  );
}

/** What came in, as it came; what failed can be tried again. */
export function CaptureList({ query }: { query: ReturnType<typeof useCaptures> }) {
  const { t } = useTranslation();
  const { data, error, refetch } = query;
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows count={6} />;
  const captures = data.pages.flatMap((page) => page.data);
  if (captures.length === 0) return <Empty title={t('sources.nothing')} hint={t('sources.nothing_hint')} />;
  return (
    <>
      <ul className="captures">{captures.map((capture) => <Row key={capture.id} capture={capture} />)}</ul>
      {query.hasNextPage && <Button size="small" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t('sources.earlier')}</Button>}
    </>
  );
}
