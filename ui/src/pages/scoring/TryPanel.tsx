import { useEffect, useState } from 'react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { ErrorNotice } from '@/part/ErrorNotice';
import { ScoreRules } from './ScoreRules';
import { bodyOf, tierTones, type Card, type Tried } from './scoring';

interface Props {
  card: Card;
  tried: Tried | undefined;
  onTried: (tried: Tried | undefined) => void;
}

/** The card as it is being edited, tried on one record: what each rule gives, live. */
export function TryPanel({ card, tried, onTried }: Props) {
  const { t } = useTranslation();
  const entity = useModel().named(card.entity_name);
  const [record, setRecord] = useState<string | null>(null);
  const { mutate, error, isPending } = useMutation({
    mutationFn: (body: unknown) => api.post<Tried>('/score_cards/try', body),
    onSuccess: onTried, onError: () => onTried(undefined),
  });
  const body = record && card.rules.length > 0 ? JSON.stringify({ record_id: record, card: { ...bodyOf(card), name: card.name || '—' } }) : '';
  useEffect(() => {
    if (!body) { onTried(undefined); return undefined; }
    const wait = setTimeout(() => mutate(JSON.parse(body)), 300);
    return () => clearTimeout(wait);
  }, [body, mutate, onTried]);
  return (
    <section className="section">
      <div className="section-head"><h2>{t('scoring.try')}</h2></div>
      <p className="t2 dense">{t('scoring.try_hint')}</p>
      <ReferenceSelect target={card.entity_name} label={entity?.label} value={record} onChange={setRecord} className="full-width" />
      {error && <ErrorNotice error={error} />}
      {tried && (
        <div className="try-result" aria-busy={isPending}>
          <div className="row"><span className="figure">{tried.score}</span><span className={`pill ${tierTones[tried.tier]}`}>{t(`scoring.tier_${tried.tier}`)}</span>{!tried.fits && <span className="pill warn">{t('scoring.does_not_fit')}</span>}</div>
          <ScoreRules rules={tried.rules ?? []} />
        </div>
      )}
    </section>
  );
}
