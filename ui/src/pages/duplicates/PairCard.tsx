import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entity } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { Comparison } from './Comparison';
import { draftOf, likelihoodOf, type Draft, type Pair } from './pairs';

interface Props {
  entity: Entity;
  pair: Pair;
  /** What was chosen in it so far. */
  draft: Draft | undefined;
  chosen: boolean;
  /** Come to by a key or after another: it is brought into view and takes the focus, so that Tab goes on inside it. */
  arrived: boolean;
  onDraft: (pair: Pair, draft: Draft) => void;
  onChoose: (pair: Pair) => void;
  /** What can be done with it. */
  children: ReactNode;
}

/** How sure, in words and figures; certainty is never claimed. */
export function Verdict({ pair }: { pair: Pair }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { probability, sure } = pair;
  if (pair.by_hand) return <h2>{t('duplicates.picked')}</h2>;
  const share = sure ? '> 99.9%' : probability >= 0.995 ? '> 99%' : format.percent(probability);
  return <h2>{t(`duplicates.likelihood_${likelihoodOf(pair)}`)} <span className="pair-share">{share}</span></h2>;
}

function When({ pair }: { pair: Pair }) {
  const { t } = useTranslation();
  const format = useFormat();
  const code = pair.state === 'open' ? 'found' : pair.state;
  const at = pair.decided_at ?? pair.found_at;
  return <time className="t3 small-text" dateTime={at} title={format.instant(at)}>{t(`duplicates.${code}_at`, { when: format.near(at) })}</time>;
}

/** One pair: the verdict, the comparison, the verbs. */
export function PairCard({ entity, pair, draft: given, chosen, arrived, onDraft, onChoose, children }: Props) {
  const draft = useMemo(() => given ?? draftOf(pair), [given, pair]);
  const card = useRef<HTMLLIElement>(null);
  const shownFirst = useRef(chosen);
  useEffect(() => {
    if (shownFirst.current) card.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  /* One that is pressed stays where it is: moved away under the pointer, the press would end on something else. */
  useEffect(() => {
    if (!chosen || !arrived) return;
    card.current?.scrollIntoView({ block: 'nearest' });
    if (!card.current?.contains(document.activeElement)) card.current?.focus({ preventScroll: true });
  }, [chosen, arrived]);
  return (
    <li
      ref={card} tabIndex={-1} data-id={pair.id} className={chosen ? 'pair on' : 'pair'} aria-current={chosen || undefined}
      onFocus={() => { if (!chosen) onChoose(pair); }} onPointerDown={() => { if (!chosen) onChoose(pair); }}
    >
      <header className="row"><Verdict pair={pair} /><span className="grow" /><When pair={pair} /></header>
      <Comparison entity={entity} pair={pair} draft={draft} onDraft={onDraft} />
      {children}
    </li>
  );
}
