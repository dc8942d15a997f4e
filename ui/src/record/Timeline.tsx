import { lazy, Suspense, useState } from 'react';
import './story.css';
import { Button } from 'antd';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, recordPath, useModel } from '@/api/meta';
import { patchRecord, useRecord } from '@/api/records';
import { useSession } from '@/api/session';
import type { Entity, Page, RecordRow, TimelineItem } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { textOf } from '@/field/FieldValue';
import { spoken, titleOf } from '@/field/references';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import type { IconName } from '@/part/icons';
import { SkeletonLines } from '@/part/Skeleton';
import { laterTexts } from '@/text/i18n';
import { FileList } from './FileList';
import { LetterFiles } from './LetterFiles';
import type { MailFile } from './letters';
import { contentOf } from './files';
import { MentionText } from './MentionText';
import type { Named } from './mentions';
import { mapOf } from './Place';
import { Thread, Write, type Place } from './Thread';
import { identifiedBy, type VisitTouch } from './visitor';

const Letter = lazy(async () => (await Promise.all([import('./Letter'), laterTexts()]))[0]);

const filters = {
  all: undefined, activity: 'activity', task: 'task', change: 'change,stage', capture: 'capture', visit: 'visit', reach: 'mail', file: 'file', approval: 'approval',
} as const;
type Filter = keyof typeof filters;

const activityIcons: Record<string, IconName> = {
  call: 'phone', visit: 'place', meeting: 'users', mail: 'mail', message: 'message', note: 'document',
};
const kindIcons: Record<TimelineItem['kind'], IconName> = {
  activity: 'chat', change: 'edit', task: 'check', capture: 'marketing', stage: 'flag', visit: 'eye', mail: 'mail', journey: 'branch', file: 'attachment', approval: 'check',
};

/** Fields a change is told by; the others are in the history. */
const told = ['status', 'state', 'stage_id', 'owner_id', 'amount', 'expected_close_date', 'next_follow_up_at', 'disqualified_reason'];

/** A changed value in words; of a record its name. */
function ChangedValue({ entity, name, value }: { entity: Entity; name: string; value: unknown }) {
  const { t } = useTranslation();
  const model = useModel();
  const format = useFormat();
  const field = fieldOf(entity, name);
  const target = model.named(field?.target);
  const { data } = useRecord(target?.plural ?? '', target && typeof value === 'string' ? value : null);
  if (target) return <>{data ? titleOf(target, data) : nothing}</>;
  return <>{field ? textOf(field, value, format, { yes: t('field.yes'), no: t('field.no') }) : String(value ?? nothing)}</>;
}

/** What was changed on a record: from what to what. */
function Changes({ item, fallback }: { item: TimelineItem; fallback: Entity }) {
  const { t } = useTranslation();
  const model = useModel();
  const entity = model.named(item.subject?.entity) ?? fallback;
  if (item.type.startsWith('create')) return <>{t('timeline.created', { entity: entity.label })}</>;
  const changes = Object.entries(item.data ?? {}).filter(([name, pair]) => told.includes(name) && Array.isArray(pair));
  if (changes.length === 0) return <>{item.text || t('timeline.changed', { entity: entity.label })}</>;
  return (
    <>
      {changes.map(([name, pair], index) => {
        const [before, after] = pair as unknown[];
        return (
          <span key={name}>
            {index > 0 && t('timeline.comma')}{fieldOf(entity, name)?.label ?? name}{' '}
            {before !== null && <><ChangedValue entity={entity} name={name} value={before} /> → </>}
            <ChangedValue entity={entity} name={name} value={after} />
          </span>
        );
      })}
    </>
  );
}

/** What a browser did in one session, or how it became known whose it is. */
function VisitSentence({ item }: { item: TimelineItem }) {
  const { t } = useTranslation();
  const format = useFormat();
  const how = identifiedBy(item.type === 'identified' ? item.text : item.data?.how);
  if (item.type === 'identified') return <>{t(how)}</>;
  const { pages, dwell_seconds: seconds } = item.data ?? {};
  return (
    <>
      {t('timeline.pages', { count: Number(pages ?? 0) })}
      {typeof seconds === 'number' && seconds > 0 && ` · ${format.duration(seconds)}`}
    </>
  );
}

/** Where a visit came from and landed. */
function VisitCame({ item }: { item: TimelineItem }) {
  const { t } = useTranslation();
  const { landing, referrer, utm } = (item.data?.touch ?? {}) as VisitTouch;
  const campaign = [utm?.utm_source, utm?.utm_medium, utm?.utm_campaign].filter(Boolean).join(' / ');
  const parts = [
    campaign && t('timeline.campaign', { campaign }),
    !campaign && referrer && t('timeline.referrer', { host: referrer }),
    landing && t('timeline.landing', { path: landing }),
    t(identifiedBy(item.data?.how)),
  ];
  return <p className="small-text">{parts.filter(Boolean).join(t('timeline.comma'))}</p>;
}

const reached = {
  'mail.sent': 'timeline.mail_sent', 'mail.opened': 'timeline.mail_opened', 'mail.clicked': 'timeline.mail_clicked', 'mail.bounced': 'timeline.mail_bounced', 'mail.replied': 'timeline.mail_replied',
  'mail.unsubscribed': 'timeline.mail_unsubscribed', 'journey.entered': 'timeline.journey_entered', 'journey.ended': 'timeline.journey_ended',
} as const;

/** What reached the person, and what he did with it. */
function Reached({ item }: { item: TimelineItem }) {
  const { t } = useTranslation();
  const code = reached[item.type as keyof typeof reached];
  return <>{code ? t(code, { name: item.text }) : item.text}</>;
}

/** A mail with the customer, by its subject as far as it may be read. */
function LetterSentence({ item }: { item: TimelineItem }) {
  const { t } = useTranslation();
  const incoming = item.type === 'letter.in';
  if (!item.data?.open) return <>{t(incoming ? 'timeline.letter_closed_in' : 'timeline.letter_closed_out')}</>;
  return <>{t(incoming ? 'timeline.letter_in' : 'timeline.letter_out', { subject: item.text })}</>;
}

const letterStates = { queued: 'timeline.letter_queued', failed: 'timeline.letter_failed', returned: 'timeline.letter_returned' } as const;

/** What the mail begins with, what became of it, and the way to all of it. */
function LetterMore({ item, entity, record }: { item: TimelineItem; entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const state = letterStates[item.data?.state as keyof typeof letterStates];
  const files = ((item.data?.attachments ?? []) as MailFile[]).filter(({ inside }) => !inside);
  return (
    <>
      {typeof item.data?.excerpt === 'string' && item.data.excerpt && <p>{item.data.excerpt}</p>}
      {files.length > 0 && <LetterFiles mail={item.id} files={files} />}
      <p className="row">
        {state && <span className={`pill ${item.data?.state === 'queued' ? 'info' : 'bad'}`}>{t(state)}</span>}
        {item.data?.private === true && <span aria-hidden><Icon name="lock" size={12} /></span>}
        {item.data?.open === true && <button type="button" className="link small-text" onClick={() => setOpen(true)}>{t('timeline.letter_open')}</button>}
      </p>
      {open && <Suspense fallback={null}><Letter id={item.id} entity={entity} record={record} onClose={() => setOpen(false)} /></Suspense>}
    </>
  );
}

const approvalWords = {
  requested: 'timeline.approval_requested', approved: 'timeline.approval_approved', rejected: 'timeline.approval_rejected', returned: 'timeline.approval_returned',
  passed: 'timeline.approval_passed', away: 'timeline.approval_away', escalated: 'timeline.approval_escalated', withdrawn: 'timeline.approval_withdrawn', done: 'timeline.approval_done', unmade: 'timeline.approval_unmade',
} as const;

/** One turn of an approval: asked, answered, handed on, over. */
function ApprovalTurn({ item }: { item: TimelineItem }) {
  const { t } = useTranslation();
  const { process, approval_id: id, to, why } = (item.data ?? {}) as Record<string, string>;
  const passed = why === 'delegated' ? 'passed' : why === 'escalated' ? 'escalated' : 'away';
  const type = item.type === 'passed' ? passed : item.type === 'done' && why === 'failed' ? 'unmade' : item.type;
  const code = approvalWords[type as keyof typeof approvalWords];
  return <>{code && t(code)} <Link className="inline" to={`/approvals/${id}`}>{process}</Link>{to && (item.type === 'passed' ? ` → ${to}` : t('approvals.for', { name: to }))}</>;
}

/** Who did what, in one line. */
function Sentence({ item, entity }: { item: TimelineItem; entity: Entity }) {
  const { t } = useTranslation();
  const format = useFormat();
  const seconds = item.data?.duration_seconds;
  const known = ['call', 'visit', 'meeting', 'mail', 'message', 'note'] as const;
  const type = known.find((candidate) => candidate === item.type);
  const original = item.data?.original_owner; /* who did it before the company knew him */
  const actor = typeof original === 'string' ? original : item.actor?.title;
  const who = actor ? <b>{actor} </b> : null;
  if (item.kind === 'activity' && type) {
    return <>{who}{t(`timeline.${type}`)}{typeof seconds === 'number' && seconds > 0 && ` ${format.duration(seconds)}`}</>;
  }
  if (item.kind === 'visit') return <VisitSentence item={item} />;
  if (item.kind === 'approval') return <>{who}<ApprovalTurn item={item} /></>;
  if (item.type.startsWith('letter.')) return <>{who}<LetterSentence item={item} /></>;
  if (item.kind === 'mail' || item.kind === 'journey') return <Reached item={item} />;
  if (item.kind === 'file') return <>{who}{t('timeline.file')} <a href={contentOf(item, true)} download={item.text}>{item.text}</a></>;
  if (item.kind === 'task') return <>{who}{t('timeline.task')} {item.text}</>;
  if (item.kind === 'capture') return <>{t('timeline.capture')} {[item.type, item.text].filter(Boolean).join(' · ')}</>;
  return <>{who}<Changes item={item} fallback={entity} /></>;
}

/** Kinds people talk about. */
const discussed = new Set<TimelineItem['kind']>(['activity', 'task', 'capture', 'mail', 'file']);

/** Where a visit was. */
function WhereIt({ item }: { item: TimelineItem }) {
  const { t } = useTranslation();
  const { place, latitude, longitude } = (item.data ?? {}) as { place?: string; latitude?: number; longitude?: number };
  if (!place && latitude === undefined) return null;
  return (
    <p className="row wrap small-text">
      <Icon name="place" size={12} />
      {place}
      {latitude !== undefined && longitude !== undefined && <a href={mapOf(latitude, longitude, place ?? '')} target="_blank" rel="noreferrer">{t('visit.map')}</a>}
    </p>
  );
}

/** As long as a page: the rest of a longer text is opened. */
const shownAtFirst = 600;

function Words({ item }: { item: TimelineItem }) {
  const { t } = useTranslation();
  const [whole, setWhole] = useState(false);
  const letters = [...item.text];
  const cut = letters.length > 1.3 * shownAtFirst;
  const text = cut && !whole ? `${letters.slice(0, shownAtFirst).join('')}…` : item.text;
  return (
    <>
      <p><MentionText text={text} people={item.data?.mentions as Named[] | undefined} /></p>
      {cut && <p><button type="button" className="link small-text" aria-expanded={whole} onClick={() => setWhole(!whole)}>{t(whole ? 'timeline.less' : 'timeline.whole')}</button></p>}
    </>
  );
}

/** What was written by hand; who wrote it can change it, and take it away. */
function Written({ item, place, editing, onEnd }: { item: TimelineItem; place: Place | null; editing: boolean; onEnd: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  if (!editing || !place) return <Words item={item} />;
  return (
    <div className="thread">
      <Write
        place={place} start={{ content: item.text, mentions: (item.data?.mentions as Named[] | undefined) ?? [] }} most={10_000} label={t('comment.edit')} send={t('action.save')} onEnd={onEnd}
        onSend={async (body) => {
          const now = await api.get<RecordRow>(`/activities/${item.id}`);
          await patchRecord('activities', item.id, now.version, body);
          await client.invalidateQueries({ queryKey: ['timeline'] });
        }}
      />
    </div>
  );
}

/** The verbs of an entry of one's own. */
function useOwn(item: TimelineItem, edit: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const { user } = useSession();
  const may = useModel().named('activity')?.actions;
  if (item.kind !== 'activity' || item.actor?.id !== user.id || !may?.update || !may.delete) return undefined;
  const refresh = () => client.invalidateQueries({ queryKey: ['timeline'] });
  const remove = async () => {
    await api.delete(`/activities/${item.id}`);
    await refresh();
    offerUndo(t('timeline.deleted'), async () => {
      await api.post(`/activities/${item.id}/restore`);
      await refresh();
    });
  };
  return { edit, remove: () => void remove().catch((error: unknown) => message.error(errorText(error))) };
}

function Entry({ item, entity, record }: { item: TimelineItem; entity: Entity; record: RecordRow }) {
  const model = useModel();
  const format = useFormat();
  const subject = item.kind !== 'visit' && item.subject && item.subject.id !== record.id ? item.subject : null;
  const subjectEntity = model.named(subject?.entity);
  const human = item.kind === 'activity' || item.kind === 'task';
  const standsOn = model.named(item.subject?.entity);
  const place = standsOn && item.subject ? { plural: standsOn.plural, id: item.subject.id } : null;
  const [editing, setEditing] = useState(false);
  const own = useOwn(item, () => setEditing(true));
  const outcome = item.data?.outcome;
  const outcomes = model.named('activity')?.fields.find((field) => field.name === 'outcome')?.options;
  const outcomeOption = outcomes?.find((option) => option.code === outcome);
  return (
    <li className={human ? 'entry' : 'entry auto'}>
      <span className="entry-icon"><Icon name={(item.kind === 'activity' ? activityIcons[item.type] : undefined) ?? kindIcons[item.kind]} size={13} /></span>
      <span className="entry-title"><Sentence item={item} entity={entity} /></span>
      <time dateTime={item.at} title={format.instant(item.at)}>{format.time(item.at)}</time>
      {item.kind === 'activity' && item.text && <Written item={item} place={place} editing={editing} onEnd={() => setEditing(false)} />}
      {item.kind === 'approval' && item.text && <p>{item.text}</p>}
      {item.kind === 'activity' && <WhereIt item={item} />}
      {item.files && item.files.length > 0 && <FileList files={item.files} />}
      {item.kind === 'visit' && item.type === 'session' && <VisitCame item={item} />}
      {item.type.startsWith('letter.') && <LetterMore item={item} entity={entity} record={record} />}
      {(outcomeOption || (subject && subjectEntity)) && (
        <p className="row">
          {outcomeOption && <span className={`pill ${outcomeOption.tone ?? 'idle'}`}>{outcomeOption.label}</span>}
          {subject && subjectEntity && <Link className="small-text" to={recordPath(subjectEntity, subject.id)}>{spoken(subject.title)}</Link>}
        </p>
      )}
      {discussed.has(item.kind) && !(item.type.startsWith('letter.') && item.data?.open !== true) && place && item.comments && <Thread place={place} kind={item.kind} entry={item.id} comments={item.comments} own={own} />}
    </li>
  );
}

/** What happened with a record, the newest on top, day by day. */
export function Timeline({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, setSearch] = useSearchParams();
  const wanted = search.get('kinds') ?? 'all';
  const filter = (wanted in filters ? wanted : 'all') as Filter;
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useInfiniteQuery({
    queryKey: ['timeline', entity.plural, record.id, filter, record.version],
    queryFn: ({ pageParam }) => api.get<Page<TimelineItem>>(`/${entity.plural}/${record.id}/timeline`, { kinds: filters[filter], cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
  });
  const items = data?.pages.flatMap((page) => page.data) ?? [];
  const days = Map.groupBy(items, (item) => format.dayKey(item.at));
  const choose = (next: Filter) => setSearch((before) => {
    const after = new URLSearchParams(before);
    if (next === 'all') after.delete('kinds');
    else after.set('kinds', next);
    return after;
  }, { replace: true });
  return (
    <>
      <div className="segments timeline-filter" role="group" aria-label={t('timeline.filter')}>
        {(Object.keys(filters) as Filter[]).map((name) => (
          <button key={name} type="button" aria-pressed={name === filter} className={name === filter ? 'on' : undefined} onClick={() => choose(name)}>
            {t(`timeline.filter_${name}`)}
          </button>
        ))}
      </div>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {isPending && <SkeletonLines count={6} />}
      {!isPending && !error && items.length === 0 && <p className="t2 dense pad">{t('timeline.empty')}</p>}
      <ol className="timeline">
        {[...days].map(([day, entries]) => (
          <li key={day}>
            <h3 className="day">{format.dayHead(day)}</h3>
            <ol>{entries.map((item) => <Entry key={`${item.kind}-${item.type}-${item.id}`} item={item} entity={entity} record={record} />)}</ol>
          </li>
        ))}
      </ol>
      {hasNextPage && <Button type="text" size="small" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('timeline.more')}</Button>}
    </>
  );
}
