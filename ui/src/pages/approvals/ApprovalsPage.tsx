import { useRef, useState } from 'react';
import { Checkbox } from 'antd';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams, useSearchParams, Link, Route, Routes } from 'react-router';
import { useTranslation } from 'react-i18next';
import { toneOf, type Approval, type ApprovalPage, type Box } from '@/api/approvals';
import { api, ApiError } from '@/api/client';
import { useSize } from '@/app/preferences';
import { aboutOf } from '@/approval/about';
import { ApprovalCard } from '@/approval/ApprovalCard';
import { useShown } from '@/approval/Facts';
import '@/approval/approval.css';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { useHotkeys } from '@/part/hotkeys';
import { NotThere } from '@/part/Refusal';
import { SkeletonLines, SkeletonRows } from '@/part/Skeleton';
import { IconButton } from '@/part/IconButton';
import { ChosenBar, choosable } from './ChosenBar';
import { DelegateDrawer, useDelegate } from './DelegateDrawer';
import { nextOpen } from './approvals';

const boxes = ['to_me', 'by_me', 'done'] as const;

function useBox(box: Box) {
  return useInfiniteQuery({
    queryKey: ['approvals', 'box', box],
    initialPageParam: '',
    queryFn: ({ pageParam }) => api.get<ApprovalPage>('/approvals', { box, cursor: pageParam }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

interface RowProps {
  approval: Approval;
  on: boolean;
  onOpen: () => void;
  /** Undefined where nothing can be chosen. */
  chosen?: boolean;
  onChoose: (chosen: boolean) => void;
}

function Row({ approval, on, onOpen, chosen, onChoose }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const say = useShown();
  const money = approval.facts.find(({ type }) => type === 'money');
  const change = approval.change[0];
  return (
    <li className="approval-line">
      {chosen !== undefined && <Checkbox className="approval-choose" checked={chosen} aria-label={t('approvals.choose', { title: approval.title })} onChange={(event) => onChoose(event.target.checked)} />}
      <button type="button" className={on ? 'approval-row on' : 'approval-row'} aria-pressed={on} onClick={onOpen}>
        <span className="row"><b className="ellipsis grow">{approval.title}</b>{money && <span className="num">{say(money, money.is, approval.entity)}</span>}</span>
        <span className="row t2 dense"><span className="ellipsis grow">{approval.process}{approval.draft || approval.verb ? ` · ${aboutOf(t, approval)}` : change && ` · ${say(change, change.to, approval.entity)}`}</span></span>
        <span className="row small-text">
          {approval.state === 'pending' ? <span className="t3">{t('approvals.since', { when: format.near(approval.since ?? approval.created_at) })}</span> : <span className={`status ${toneOf(approval.state)}`}>{t(`approvals.state_${approval.state}`)}</span>}
          <span className="grow" /><span className="t3">{approval.requester?.name ?? t('approvals.program')}</span>
        </span>
      </button>
    </li>
  );
}

function Deputy() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { data } = useDelegate();
  if (!data) return null;
  return (
    <>
      <button type="button" className="quiet-button small" onClick={() => setOpen(true)}>{data.delegate ? t('approvals.deputy_is', { name: data.delegate.name }) : t('approvals.deputy')}</button>
      {open && <DelegateDrawer order={data} onClose={() => setOpen(false)} />}
    </>
  );
}

/** On the phone one at a time, with what may be done within reach of the thumb. */
function OneByOne({ all, open, onOpen, onBack, onDone }: { all: Approval[]; open: Approval; onOpen: (id: string) => void; onBack: () => void; onDone?: () => void }) {
  const { t } = useTranslation();
  const at = all.findIndex(({ id }) => id === open.id);
  const [before, after] = [all[at - 1], all[at + 1]];
  return (
    <div className="approval-alone">
      <div className="row approval-pager">
        <button type="button" className="link" onClick={onBack}>{t('approvals.back')}</button>
        <span className="grow" />
        <IconButton icon="left" label={t('approvals.previous')} disabled={!before} onClick={() => before && onOpen(before.id)} />
        <span className="t2 num">{t('approvals.place', { at: at + 1, of: all.length })}</span>
        <IconButton icon="right" label={t('approvals.next')} disabled={!after} onClick={() => after && onOpen(after.id)} />
      </div>
      <div className="scroll-y grow" tabIndex={0}><ApprovalCard key={open.id} approval={open} onDone={onDone} /></div>
    </div>
  );
}

/** A queue: the list at the left, the one that is open beside it; on the phone one or the other. */
function Queue() {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  const [search, setSearch] = useSearchParams();
  const keys = useRef<Partial<Record<'approve' | 'reject', () => void>>>({});
  const [chosenIds, setChosen] = useState<string[]>([]);
  const box = boxes.find((name) => name === search.get('box')) ?? 'to_me';
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useBox(box);
  const all = data?.pages.flatMap((page) => page.data) ?? [];
  const asked = all.find(({ id }) => id === search.get('open'));
  const open = asked ?? all[0];
  const may = choosable(box, all);
  const chosen = may.filter(({ id }) => chosenIds.includes(id));
  const put = (change: Record<string, string>, replace = true) => setSearch(Object.fromEntries(Object.entries({ box: box === 'to_me' ? '' : box, ...change }).filter(([, value]) => value !== '')), { replace });
  const step = (by: -1 | 1) => { const next = all[all.findIndex(({ id }) => id === open?.id) + by]; if (next) put({ open: next.id }); };
  const done = () => put({ open: nextOpen(all, open?.id) ?? '' });
  useHotkeys({ j: () => step(1), k: () => step(-1), a: () => keys.current?.approve?.(), r: () => keys.current?.reject?.() });
  const rows = (
    <ul>
      {all.map((one) => (
        <Row
          key={one.id} approval={one} on={one.id === open?.id && !phone} onOpen={() => put({ open: one.id }, !phone)}
          chosen={may.includes(one) && all.length > 1 ? chosenIds.includes(one.id) : undefined}
          onChoose={(on) => setChosen(on ? [...chosenIds, one.id] : chosenIds.filter((id) => id !== one.id))}
        />
      ))}
    </ul>
  );
  const bar = chosen.length > 0 && <ChosenBar box={box} all={all} chosen={chosen} onChoose={setChosen} />;
  const more = hasNextPage && <button type="button" className="quiet-button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('approvals.show_more')}</button>;
  return (
    <div className="page">
      <header className="page-head"><h1>{t('approval.title')}</h1><span className="grow" /><Deputy /></header>
      <div className="tabs approvals-tabs" role="group" aria-label={t('approval.title')}>
        {boxes.map((name) => (
          <button key={name} type="button" className={name === box ? 'on' : undefined} aria-pressed={name === box} onClick={() => { setChosen([]); setSearch(name === 'to_me' ? {} : { box: name }); }}>
            {t(`approvals.box_${name}`)}{name === 'to_me' && (data?.pages[0]?.waiting ?? 0) > 0 && <span className="t3"> {data?.pages[0]?.waiting}</span>}
          </button>
        ))}
      </div>
      {error && <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>}
      {isPending && <SkeletonRows count={6} />}
      {!isPending && !error && all.length === 0 && <Empty title={t(`approvals.empty_${box}`)} hint={t('approvals.empty_hint')} />}
      {phone && asked && <OneByOne all={all} open={asked} onOpen={(id) => put({ open: id })} onBack={() => put({ open: '' })} onDone={box === 'to_me' ? done : undefined} />}
      {all.length > 0 && phone && !asked && <div className="approvals-list scroll-y">{rows}{more}</div>}
      {phone && !asked && bar}
      {all.length > 0 && !phone && (
        <div className="approvals-columns">
          <div className="scroll-y" tabIndex={0}>
            {bar}{rows}
            {more}
            {box === 'to_me' && <p className="t3 small-text approvals-keys">{t('approvals.keys')}</p>}
          </div>
          <div className="scroll-y" tabIndex={0}>{open && <ApprovalCard key={open.id} approval={open} keys={keys} onDone={box === 'to_me' ? done : undefined} />}</div>
        </div>
      )}
    </div>
  );
}

function OnePage() {
  const { t } = useTranslation();
  const { id } = useParams();
  const { data, error, refetch } = useQuery({ queryKey: ['approvals', 'one', id], queryFn: () => api.get<Approval>(`/approvals/${id}`) });
  if (error instanceof ApiError && error.status === 404) return <NotThere list={{ to: '/approvals', label: t('approval.title') }} />;
  return (
    <div className="page">
      <header className="page-head"><Link to="/approvals" className="t2">{t('approval.title')}</Link></header>
      <div className="scroll-y" tabIndex={0}>
        {error && <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>}
        {!data && !error && <div className="pad-page"><SkeletonLines count={6} /></div>}
        {data && <ApprovalCard approval={data} />}
      </div>
    </div>
  );
}

/** Approvals: what waits for me, what I asked for, what I answered. */
export default function ApprovalsPage() {
  return (
    <Routes>
      <Route index element={<Queue />} />
      <Route path=":id" element={<OnePage />} />
      <Route path="*" element={<NotThere />} />
    </Routes>
  );
}
