import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Button } from 'antd';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { HomeFigure, HomeItem } from '@/api/types';
import { entityIcon } from '@/app/clouds';
import { useSize } from '@/app/preferences';
import { linkTo } from '@/condition/where';
import { isMoney } from '@/field/FieldValue';
import { titleOf } from '@/field/references';
import { useFormat } from '@/format/useFormat';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { canWait, itemKey, type Group, type Queue } from './queue';
import { useNextAct, useSlipWords } from './Slip';

const HandoverAnswer = lazy(() => import('@/record/HandoverAnswer').then(({ HandoverAnswer: component }) => ({ default: component })));

interface Props {
  queue: Queue;
  /** How many there are of each kind beyond those shown. */
  figures: HomeFigure[];
  chosen: HomeItem | undefined;
  onChoose: (item: HomeItem) => void;
  onVisit: (item: HomeItem) => void;
  onFinish: (item: HomeItem) => void;
  onPostpone: (item: HomeItem) => void;
}

/** The time, read again every half minute. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** A new lead is to be spoken to within half an hour; from then on it is late. */
const firstContact = 30 * 60_000;

function Due({ item, group }: { item: HomeItem; group: Group }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  if (group === 'slipping') {
    const closes = item.record.expected_close_date;
    if (typeof closes !== 'string') return null;
    const late = (item.slip?.close_in_days ?? 0) < 0;
    return <span className={late ? 'bad strong' : ''}>{t('home.closes', { date: format.date(closes) })}</span>;
  }
  if (!item.at) return null;
  if (group === 'handover') {
    const late = Date.parse(item.at) < now;
    return <span className={late ? 'bad strong' : 'warn strong'}>{t('handover.due', { when: format.day(item.at) })}</span>;
  }
  if (group === 'new') {
    const waited = now - Date.parse(item.at);
    const minutes = Math.max(60, Math.floor(waited / 60_000) * 60);
    return <span className={waited > firstContact ? 'bad strong' : 'warn strong'}>{t('home.waits', { time: format.duration(minutes).replace(/ 00 .*$/, '') })}</span>;
  }
  if (group === 'overdue') {
    const days = format.daysFrom(format.dayKey(new Date(now)), format.dayKey(item.at));
    return <span className="bad strong">{days > 0 ? t('home.late_days', { count: days }) : t('home.late_since', { time: format.time(item.at) })}</span>;
  }
  return <>{format.time(item.at)}</>;
}

/** Whom or what it is about, beside the name. */
function subtitleOf(item: HomeItem): string {
  const { record } = item;
  if (item.kind === 'handover') return typeof record.score === 'number' ? String(record.score) : '';
  const about = record._refs?.subject_id?.title ?? record._refs?.account_id?.title ?? record.company_name;
  return typeof about === 'string' ? about : '';
}

/** Why it is about to slip and what is next; else what is to be done, in the words of whoever wrote it. */
function Reason({ item }: { item: HomeItem }) {
  const slipWords = useSlipWords();
  const nextAct = useNextAct();
  const { record, slip } = item;
  if (slip) return <><span className="warn">{slipWords(slip)}</span>{item.kind === 'slipping' && <span className="t3"> {nextAct(record)}</span>}</>;
  if (item.kind === 'handover') return <>{[record.note, record.source].find((word): word is string => typeof word === 'string' && word !== '')}</>;
  const words = [record.next_step, record.product_interest, record.description, record.source];
  return <>{words.find((word): word is string => typeof word === 'string' && word !== '')}</>;
}

/** On the phone what can be done with the chosen item, within reach of the thumb. */
function Thumb({ item, onVisit, onFinish, onPostpone }: Pick<Props, 'onVisit' | 'onFinish' | 'onPostpone'> & { item: HomeItem }) {
  const { t } = useTranslation();
  const handed = item.kind === 'handover';
  return (
    <div className="queue-thumb">
      <Button type={handed ? 'default' : 'primary'} size="large" onClick={() => onVisit(item)}>{t('palette.open')}</Button>
      {handed && <Suspense fallback={null}><HandoverAnswer handover={item.record} size="large" /></Suspense>}
      {!handed && <Button size="large" onClick={() => (item.entity === 'task' ? onFinish(item) : onVisit(item))}>{item.entity === 'task' ? t('home.finish') : t('home.write')}</Button>}
      {canWait(item) && <Button size="large" onClick={() => onPostpone(item)}>{t('home.postpone')}</Button>}
    </div>
  );
}

function Row({ item, group, chosen, onChoose, onVisit, onFinish, onPostpone }: Omit<Props, 'queue' | 'chosen' | 'figures'> & { item: HomeItem; group: Group; chosen: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const entity = useModel().named(item.entity);
  const phone = useSize() === 'phone';
  const about = subtitleOf(item);
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (chosen) line.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const verbs = (
    <span className="queue-verbs">
      {canWait(item) && <IconButton small icon="clock" hotkey="H" label={t('home.postpone')} onClick={() => onPostpone(item)} />}
      <IconButton small icon="check" hotkey="E" label={item.entity === 'task' ? t('home.finish') : t('home.write')} onClick={() => onFinish(item)} />
      <IconButton small icon="open" hotkey="O" label={t('palette.open')} onClick={() => onVisit(item)} />
    </span>
  );
  return (
    <li ref={line} className={chosen ? 'queue-item on' : 'queue-item'}>
      <button type="button" className="queue-body" aria-current={chosen || undefined} onClick={() => onChoose(item)}>
        <Icon name={group === 'slipping' ? 'flag' : entity ? entityIcon(entity) : 'check'} />
        <span className="who ellipsis"><b>{titleOf(entity, item.record)}</b>{!phone && <span className="t2 dense"> {about}</span>}</span>
        <span className="why ellipsis">{phone && about && <span className="t1">{about} </span>}<Reason item={item} /></span>
        <span className="amount">{isMoney(item.record.amount) && format.shortMoney(item.record.amount)}</span>
        <span className="due"><Due item={item} group={group} /></span>
      </button>
      {!phone && verbs}
      {phone && chosen && <Thumb item={item} onVisit={onVisit} onFinish={onFinish} onPostpone={onPostpone} />}
    </li>
  );
}

/** Where the rest is, when a group shows only the first of them. */
function Rest({ items, queue, figures }: { items: HomeItem[]; queue: Queue; figures: HomeFigure[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const model = useModel();
  const kinds = new Set(items.map(({ kind }) => kind));
  return figures.map((figure) => {
    const shown = queue.items.filter(({ kind }) => kind === figure.code).length;
    const entity = model.plural(figure.entity);
    if (!kinds.has(figure.code as HomeItem['kind']) || !entity || !figure.where || figure.code === 'slipping' || Number(figure.value) <= shown) return null;
    const total = format.total({ value: Number(figure.value), exact: figure.exact !== false });
    return <Link key={figure.code} className="small-text" to={linkTo(entity.plural, figure.where)}>{t('home.all_of', { label: figure.label, total })}</Link>;
  });
}

/** What a group says about itself, at the right of its head. */
const groupNotes: Partial<Record<Group, 'home.by_amount'>> = { slipping: 'home.by_amount' };

/** The queue by urgency; the keys that work it stand at its end. */
export function QueueList({ queue, figures, chosen, ...handlers }: Props) {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  return (
    <section className="queue" aria-label={t('home.queue')}>
      {[...queue.byGroup].map(([group, items]) => (
        <section key={group}>
          <h2 className="queue-group"><b>{t(`home.group_${group}`)}</b><span className="t2">{items.length}</span><span className="grow" />
            <Rest items={items} queue={queue} figures={figures} />
            {groupNotes[group] && <span className="t3">{t(groupNotes[group])}</span>}
          </h2>
          <ul>
            {items.map((item) => (
              <Row key={itemKey(item)} item={item} group={group} chosen={!!chosen && itemKey(chosen) === itemKey(item)} {...handlers} />
            ))}
          </ul>
        </section>
      ))}
      {!phone && (
        <p className="queue-keys small-text t2">
          <span><kbd>J</kbd> <kbd>K</kbd> {t('palette.move')}</span>
          <span><kbd>O</kbd> {t('palette.open')}</span>
          <span><kbd>E</kbd> {t('home.finish')}</span>
          <span><kbd>H</kbd> {t('home.postpone')}</span>
          <span><kbd>Z</kbd> {t('action.undo')}</span>
        </p>
      )}
    </section>
  );
}
