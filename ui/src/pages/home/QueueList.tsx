import { useEffect, useRef, useState } from 'react';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { HomeItem } from '@/api/types';
import { entityIcon } from '@/app/clouds';
import { useSize } from '@/app/preferences';
import { useFormat } from '@/format/useFormat';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { itemKey, type Group, type Queue } from './useQueue';

interface Props {
  queue: Queue;
  chosen: HomeItem | undefined;
  onChoose: (item: HomeItem) => void;
  onVisit: (item: HomeItem) => void;
  onFinish: (item: HomeItem) => void;
  onPostpone: (item: HomeItem) => void;
}

/** The time, read again every second while a clock runs. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

const lastQuarter = 8 * 60_000;

function Due({ item, group }: { item: HomeItem; group: Group }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow(group === 'clock');
  if (!item.due_at) return null;
  const left = Date.parse(item.due_at) - now;
  if (group === 'clock' && left > 0) {
    return <span className={left < lastQuarter ? 'warn strong' : undefined}>{t('home.left', { time: format.clock(left) })}</span>;
  }
  if (group === 'clock' || group === 'overdue') {
    const days = format.daysFrom(format.dayKey(new Date()), format.dayKey(item.due_at));
    return <span className="bad strong">{days > 0 ? t('home.late_days', { count: days }) : t('home.late_since', { time: format.time(item.due_at) })}</span>;
  }
  if (group === 'slipping') return <>{t('home.expected', { day: format.date(format.dayKey(item.due_at)) })}</>;
  return <>{group === 'today' ? format.time(item.due_at) : format.day(item.due_at)}</>;
}

function Row({ item, group, chosen, onChoose, onVisit, onFinish, onPostpone }: Omit<Props, 'queue' | 'chosen'> & { item: HomeItem; group: Group; chosen: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const entity = useModel().named(item.entity);
  const phone = useSize() === 'phone';
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (chosen) line.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const verbs = (
    <span className="queue-verbs">
      <IconButton small icon="clock" hotkey="H" label={t('home.postpone')} onClick={() => onPostpone(item)} />
      <IconButton small icon="check" hotkey="E" label={item.entity === 'task' ? t('home.finish') : t('home.write')} onClick={() => onFinish(item)} />
      <IconButton small icon="open" hotkey="O" label={t('palette.open')} onClick={() => onVisit(item)} />
    </span>
  );
  return (
    <li ref={line} className={chosen ? 'queue-item on' : 'queue-item'}>
      <button type="button" className="queue-body" aria-current={chosen || undefined} onClick={() => onChoose(item)}>
        <Icon name={entity ? entityIcon(entity) : 'check'} />
        <span className="who ellipsis"><b>{item.title}</b>{item.subtitle && <span className="t2 dense"> {item.subtitle}</span>}</span>
        <span className="why ellipsis">{item.text}</span>
        <span className="amount">{item.amount && format.shortMoney(item.amount)}</span>
        <span className="due"><Due item={item} group={group} /></span>
      </button>
      {!phone && verbs}
      {phone && chosen && (
        <div className="queue-thumb">
          <Button type="primary" size="large" onClick={() => onVisit(item)}>{t('palette.open')}</Button>
          <Button size="large" onClick={() => (item.entity === 'task' ? onFinish(item) : onVisit(item))}>{item.entity === 'task' ? t('home.finish') : t('home.write')}</Button>
          <Button size="large" onClick={() => onPostpone(item)}>{t('home.postpone')}</Button>
        </div>
      )}
    </li>
  );
}

/** The queue by urgency; the keys that work it stand at its end. */
export function QueueList({ queue, chosen, ...handlers }: Props) {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  return (
    <section className="queue" aria-label={t('home.queue')}>
      {[...queue.byGroup].map(([group, items]) => (
        <section key={group}>
          <h2 className="queue-group"><b>{t(`home.group_${group}`)}</b><span className="t2">{items.length}</span></h2>
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
