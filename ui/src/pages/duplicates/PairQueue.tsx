import { useCallback, useEffect, useState, type UIEvent } from 'react';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Entity } from '@/api/types';
import { useChosen } from '@/app/chosen';
import { useSize } from '@/app/preferences';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { useHotkeys } from '@/part/hotkeys';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { PairCard } from './PairCard';
import { draftOf, type Draft, type Pair, type State } from './pairs';
import { usePairs, useVerdicts } from './usePairs';

const keyOf = (pair: Pair) => pair.id;
/** So near to the end of what is read, the next page is asked for. */
const nearEnd = { cards: 5, pixels: 1500 };

type Verdicts = Record<'merge' | 'distinct' | 'reopen' | 'postpone', (pair: Pair) => void>;

interface VerbsProps {
  pair: Pair;
  /** The one the keys act on: its first verb is the page's primary one. */
  chosen: boolean;
  verdicts: Verdicts;
}

function Verbs({ pair, chosen, verdicts }: VerbsProps) {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  const size = phone ? 'large' : undefined;
  const key = (letter: string) => chosen && !phone && <kbd>{letter}</kbd>;
  if (pair.state !== 'open') return <Button size={size} onClick={() => verdicts.reopen(pair)}>{t('action.undo')}</Button>;
  return (
    <>
      <Button size={size} type={chosen ? 'primary' : 'default'} onClick={() => verdicts.merge(pair)}>{t('duplicates.merge')}{key('M')}</Button>
      <Button size={size} onClick={() => verdicts.distinct(pair)}>{t('duplicates.distinct')}{key('D')}</Button>
      <Button size={size} type="text" onClick={() => verdicts.postpone(pair)}>{t('duplicates.skip')}{key('J')}</Button>
    </>
  );
}

interface CardsProps {
  entity: Entity;
  pairs: Pair[];
  /** How many there are beyond those read. */
  total: number;
  onEnd: () => void;
}

/** The pairs one below the other, one of them chosen; on a phone the chosen one alone, its verbs at the foot. */
function Cards({ entity, pairs, total, onEnd }: CardsProps) {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  const verdicts = useVerdicts(entity);
  const { at, chosen, open } = useChosen(pairs, keyOf, 'pair');
  const [drafts, setDrafts] = useState<Record<string, Draft>>({});
  const [arrived, setArrived] = useState(false);
  const setDraft = useCallback((pair: Pair, draft: Draft) => setDrafts((before) => ({ ...before, [pair.id]: draft })), []);

  useEffect(() => {
    if (at >= pairs.length - nearEnd.cards) onEnd();
  }, [at, pairs.length, onEnd]);
  const onScroll = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }: UIEvent) => {
    if (scrollHeight - scrollTop - clientHeight < nearEnd.pixels) onEnd();
  };
  const choose = (pair: Pair) => {
    setArrived(false);
    open(pair);
  };
  const moveTo = (pair: Pair | undefined) => {
    setArrived(true);
    open(pair);
  };
  const go = (step: number) => moveTo(pairs[at + step]);
  /* What is decided on leaves, and the next one is arrived at. */
  const deciding: Verdicts = {
    merge: (pair) => { setArrived(true); void verdicts.merge(pair, drafts[pair.id] ?? draftOf(pair)); },
    distinct: (pair) => { setArrived(true); void verdicts.distinct(pair); },
    reopen: (pair) => { setArrived(true); void verdicts.reopen(pair); },
    postpone: (pair) => moveTo(pairs[pairs.indexOf(pair) + 1]),
  };
  const onKey = (act: (pair: Pair) => void) => () => {
    if (chosen?.state === 'open') act(chosen);
  };
  useHotkeys({
    j: () => go(1), k: () => go(-1),
    m: onKey(deciding.merge), d: onKey(deciding.distinct),
  });

  const verbs = (pair: Pair) => <Verbs pair={pair} chosen={pair === chosen} verdicts={deciding} />;
  const shown = phone ? pairs.filter((pair) => pair === chosen) : pairs;
  return (
    <>
      {phone && (
        <div className="row pairs-place">
          <span className="t2 grow" role="status">{t('duplicates.place', { at: at + 1, total: Math.max(total, pairs.length) })}</span>
          <IconButton icon="left" label={t('duplicates.previous')} disabled={at <= 0} onClick={() => go(-1)} />
          <IconButton icon="right" label={t('duplicates.next')} disabled={at >= pairs.length - 1} onClick={() => go(1)} />
        </div>
      )}
      <ul className="pairs" aria-label={t('duplicates.title')} onScroll={onScroll}>
        {shown.map((pair) => (
          <PairCard
            key={pair.id} entity={entity} pair={pair} draft={drafts[pair.id]} chosen={pair === chosen} arrived={arrived && !phone}
            onDraft={setDraft} onChoose={choose}
          >
            {!phone && (
              <div className="row pair-verbs">
                {verbs(pair)}
                <span className="grow" />
                {pair === chosen && <span className="t2 small-text"><kbd>J</kbd> <kbd>K</kbd> {t('palette.move')}</span>}
              </div>
            )}
          </PairCard>
        ))}
      </ul>
      {phone && chosen && <div className="pairs-thumb">{verbs(chosen)}</div>}
    </>
  );
}

/** The pairs of one kind in one state, or why there are none. */
export function PairQueue({ entity, state, total, searched }: { entity: Entity; state: State; total: number; searched: boolean }) {
  const { t } = useTranslation();
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = usePairs(entity.name, state);
  const pairs = data?.pages.flatMap((page) => page.data) ?? [];
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  if (error && pairs.length === 0) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (isPending || (pairs.length === 0 && hasNextPage)) return <SkeletonRows count={12} />;
  if (pairs.length === 0 && state === 'open' && !searched) return <Empty title={t('duplicates.empty_open_picked')} hint={t('duplicates.empty_open_picked_hint')} />;
  if (pairs.length === 0) return <Empty title={t(`duplicates.empty_${state}`)} hint={t(`duplicates.empty_${state}_hint`)} />;
  return <Cards entity={entity} pairs={pairs} total={total} onEnd={onEnd} />;
}
