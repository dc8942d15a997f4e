import { useDeferredValue, useState } from 'react';
import { Input } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Entity, RecordRow } from '@/api/types';
import { Dialog } from '@/part/Dialog';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { SkeletonLines } from '@/part/Skeleton';
import { Comparison } from './Comparison';
import { useHits, useMerge, usePicked } from './merging';
import { draftOf, type Draft } from './pairs';
import './duplicates.css';

interface Props {
  entity: Entity;
  one: string;
  /** Not known yet: it is searched for first. */
  other?: string;
  onClose: () => void;
  onMerged: (winner: RecordRow) => void;
}

/** Finds the other one by what is known of it. */
function Search({ entity, one, onPick }: { entity: Entity; one: string; onPick: (id: string) => void }) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const asked = useDeferredValue(words.trim());
  const { data, error, isFetching, refetch } = useHits(entity, asked);
  const hits = asked === '' ? [] : (data?.data ?? []).filter(({ id }) => id !== one);
  return (
    <>
      <Input
        autoFocus allowClear prefix={<Icon name="search" />} value={words} onChange={({ target }) => setWords(target.value)}
        aria-label={t('duplicates.find')} placeholder={t('duplicates.find_hint')}
      />
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      <ul className="merge-hits" aria-label={entity.label_plural}>
        {hits.map(({ id, title, subtitle }) => (
          <li key={id}>
            <button type="button" onClick={() => onPick(id)}><b>{title}</b>{subtitle && <span className="t2">{subtitle}</span>}</button>
          </li>
        ))}
      </ul>
      {asked !== '' && data && !isFetching && hits.length === 0 && <p className="t2" role="status">{t('duplicates.find_none')}</p>}
    </>
  );
}

/** Two records of one's choice beside each other: who stays, and whose values; then they are one. */
export default function MergeDialog({ entity, one, other, onClose, onMerged }: Props) {
  const { t } = useTranslation();
  const [found, setFound] = useState<string | null>(other ?? null);
  const { data: pair, error, refetch } = usePicked(entity, one, found);
  const [chosen, setChosen] = useState<Draft | null>(null);
  const merge = useMerge(entity, onMerged);
  const draft = chosen ?? (pair ? draftOf(pair) : null);
  return (
    <Dialog
      width={pair || other ? 860 : 520} className="merge-dialog" title={t('duplicates.by_hand', { entity: entity.label_plural })} onCancel={onClose}
      okText={t('duplicates.merge')} okButtonProps={{ disabled: !pair, loading: merge.isPending }} cancelText={t('action.cancel')}
      onOk={() => pair && draft && merge.mutate({ pair, draft })}
    >
      {!found && <Search entity={entity} one={one} onPick={setFound} />}
      {found && !pair && (error ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonLines count={8} />)}
      {pair && draft && (
        <>
          <p className="t2 merge-hint">{t(pair.state === 'distinct' ? 'duplicates.by_hand_distinct' : 'duplicates.by_hand_hint')}</p>
          <Comparison entity={entity} pair={{ ...pair, state: 'open' }} draft={draft} onDraft={(_, next) => setChosen(next)} />
        </>
      )}
      {merge.error && <ErrorNotice error={merge.error} />}
    </Dialog>
  );
}
