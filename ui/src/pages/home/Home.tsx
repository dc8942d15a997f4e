import { lazy, Suspense, useRef } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { recordPath, useModel } from '@/api/meta';
import type { HomeItem } from '@/api/types';
import { useSize } from '@/app/preferences';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { useHotkeys } from '@/part/hotkeys';
import { SkeletonLines, SkeletonRows } from '@/part/Skeleton';
import { HomeHead } from './HomeHead';
import { QueueList } from './QueueList';
import { itemKey, subjectOf, useHome, useItemVerbs, useQueue } from './useQueue';
import './home.css';

const WorkPane = lazy(() => import('./WorkPane'));
const Drawer = lazy(() => import('antd').then(({ Drawer: component }) => ({ default: component })));

/** Today: one sentence, the figures, and what is to be done in the order it matters; worked by keyboard. */
export default function Home() {
  const { t } = useTranslation();
  const size = useSize();
  const navigate = useNavigate();
  const model = useModel();
  const [search, setSearch] = useSearchParams();
  const { data: home, error, refetch } = useHome();
  const queue = useQueue(home);
  const verbs = useItemVerbs();
  const pane = useRef<HTMLDivElement>(null);
  const wanted = search.get('item');
  const asked = queue.items.findIndex((item) => itemKey(item) === wanted);
  const at = asked < 0 ? 0 : asked;
  const chosen = queue.items[at];

  const open = (item: HomeItem | undefined) => item && setSearch({ item: itemKey(item) }, { replace: true });
  const visit = (item: HomeItem | undefined) => {
    const subject = item && subjectOf(model, item);
    if (subject) void navigate(recordPath(subject.entity, subject.id));
  };
  const write = () => pane.current?.querySelector('textarea')?.focus();
  const finish = (item: HomeItem | undefined) => {
    if (item?.entity === 'task') verbs.finish(item);
    else write();
  };
  const next = () => open(queue.items[at + 1] ?? queue.items[at - 1]);
  useHotkeys({
    j: () => open(queue.items[at + 1]), k: () => open(queue.items[at - 1]), arrowdown: () => open(queue.items[at + 1]), arrowup: () => open(queue.items[at - 1]),
    e: () => finish(chosen), h: () => chosen && verbs.postpone(chosen), o: () => visit(chosen),
  });

  if (error && !home) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (!home) return <SkeletonRows count={11} />;
  const work = chosen && (
    <Suspense fallback={<div className="pane pane-body"><SkeletonLines count={8} /></div>}>
      <WorkPane ref={pane} key={itemKey(chosen)} item={chosen} onDone={next} onFinish={() => verbs.finish(chosen)} />
    </Suspense>
  );
  return (
    <div className="page">
      <HomeHead home={home} queue={queue} />
      {queue.items.length === 0 && <Empty title={t('home.empty')} hint={t('home.empty_hint')} />}
      {queue.items.length > 0 && (
        <div className={size === 'wide' ? 'today split' : 'today'}>
          <QueueList
            queue={queue} chosen={size !== 'narrow' || wanted ? chosen : undefined} onChoose={size === 'phone' ? visit : open} onVisit={visit}
            onFinish={finish} onPostpone={verbs.postpone}
          />
          {size === 'wide' && work}
          {size === 'narrow' && wanted !== null && asked >= 0 && (
            <Suspense><Drawer open onClose={() => setSearch({}, { replace: true })} size={412} title={chosen?.title} styles={{ body: { padding: 0 } }}>
              {work}
            </Drawer></Suspense>
          )}
        </div>
      )}
    </div>
  );
}
