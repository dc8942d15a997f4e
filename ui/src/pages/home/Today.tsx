import { lazy, Suspense, useRef } from 'react';
import { Button } from 'antd';
import { useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { recordPath, useModel } from '@/api/meta';
import { useAny } from '@/api/records';
import type { Home, HomeItem } from '@/api/types';
import { useChosen } from '@/app/chosen';
import { useSize } from '@/app/preferences';
import { titleOf } from '@/field/references';
import { useCreate } from '@/frame/create';
import { Empty } from '@/part/Empty';
import { useHotkeys } from '@/part/hotkeys';
import { SkeletonLines } from '@/part/Skeleton';
import { laterTexts } from '@/text/i18n';
import { HomeFigures, HomeHead } from './HomeHead';
import { canWait, groupOf, itemKey } from './queue';
import { QueueList } from './QueueList';
import { TodaySentence } from './TodaySentence';
import { subjectOf, useItemVerbs, useQueue } from './useQueue';

const FirstSteps = lazy(async () => (await Promise.all([import('./FirstSteps'), laterTexts()]))[0]);
const WorkPane = lazy(async () => (await Promise.all([import('./WorkPane'), laterTexts()]))[0]);
const Drawer = lazy(() => import('antd').then(({ Drawer: component }) => ({ default: component })));

const ownNumbers = ['won_month', 'closing_month', 'open_pipeline'];

function NothingDue() {
  const { t } = useTranslation();
  const model = useModel();
  const create = useCreate();
  const task = model.named('task');
  const lead = model.named('lead');
  const any = useAny(lead?.actions.create ? lead : undefined);
  if (any === undefined) return null;
  if (!any) return <Suspense fallback={null}><FirstSteps view="today" /></Suspense>;
  const follows = !!lead?.actions.update || !!model.named('opportunity')?.actions.update;
  return (
    <Empty title={t('home.empty')} hint={follows ? t('home.empty_hint') : t('home.empty_hint_tasks')}>
      {task?.actions.create && <Button type="primary" onClick={() => create({ entity: task })}>{t('home.new_task')}</Button>}
    </Empty>
  );
}

/** Today: one sentence, the own numbers, and what is to be done in the order it matters; worked by keyboard. */
export function Today({ home }: { home: Home }) {
  const size = useSize();
  const navigate = useNavigate();
  const model = useModel();
  const queue = useQueue(home);
  const { at, chosen, asked, open, close } = useChosen(queue.items, itemKey);
  const verbs = useItemVerbs();
  const pane = useRef<HTMLDivElement>(null);

  const visit = (item: HomeItem | undefined) => {
    const subject = item && subjectOf(model, item);
    if (subject) void navigate(recordPath(subject.entity, subject.id));
  };
  /* On the phone a touch shows what can be done with an item, another opens it. */
  const touch = (item: HomeItem) => (chosen && itemKey(chosen) === itemKey(item) ? visit : open)(item);
  const next = () => open(queue.items[at + 1] ?? queue.items[at - 1]);
  const finish = (item: HomeItem | undefined) => {
    if (item?.entity === 'task') verbs.finish(item);
    else pane.current?.querySelector('textarea')?.focus();
  };
  /* A slipping deal stays in the queue when it was put off: go on to the next by hand. */
  const postpone = (item: HomeItem | undefined) => {
    if (!item || !canWait(item)) return;
    verbs.postpone(item);
    if (groupOf(item) === 'slipping' && item === chosen) next();
  };
  const down = () => open(queue.items[at + 1]);
  const up = () => open(queue.items[at - 1]);
  useHotkeys({ j: down, k: up, arrowdown: down, arrowup: up, e: () => finish(chosen), h: () => postpone(chosen), o: () => visit(chosen) });

  const work = chosen && (
    <Suspense fallback={<div className="pane pane-body"><SkeletonLines count={8} /></div>}>
      <WorkPane ref={pane} key={itemKey(chosen)} item={chosen} onDone={next} onFinish={() => verbs.finish(chosen)} onPostpone={() => postpone(chosen)} />
    </Suspense>
  );
  const own = home.figures.filter(({ code }) => ownNumbers.includes(code));
  return (
    <div className="page">
      <HomeHead views={home.views} view="today" sentence={<TodaySentence queue={queue} />}>
        {own.some(({ count }) => count) && <HomeFigures figures={own} />}
      </HomeHead>
      {queue.items.length === 0 && <NothingDue />}
      {queue.items.length > 0 && (
        <div className={size === 'wide' ? 'today split' : 'today'}>
          <QueueList
            queue={queue} figures={home.figures} chosen={size !== 'narrow' || asked ? chosen : undefined} onChoose={size === 'phone' ? touch : open} onVisit={visit}
            onFinish={finish} onPostpone={postpone}
          />
          {size === 'wide' && work}
          {size === 'narrow' && asked && (
            <Suspense><Drawer open onClose={close} size={412} title={chosen && titleOf(model.named(chosen.entity), chosen.record)} styles={{ body: { padding: 0 } }}>
              {work}
            </Drawer></Suspense>
          )}
        </div>
      )}
    </div>
  );
}
