import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useFormat } from '@/format/useFormat';
import { signedPoints, type Card } from './scoring';

interface Version {
  version: number;
  at: string;
  actor: string;
  card: Card;
}

/** What the card was before: who saved it when, and with which rules. */
export function Versions({ id, version }: { id: string; version: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery({ queryKey: ['score_versions', id, version], queryFn: () => api.get<{ data: Version[] }>(`/score_cards/${id}/versions`) });
  if (!data || data.data.length === 0) return null;
  return (
    <section className="section">
      <div className="section-head"><h2>{t('scoring.versions')}</h2></div>
      <ul className="score-rules">
        {data.data.map((one) => (
          <li key={one.version}>
            <details>
              <summary className="row"><span className="grow">{t('scoring.version', { count: one.version })} · {one.actor || t('scoring.system')}</span><span className="t3 nowrap">{format.instant(one.at)}</span></summary>
              <ul className="score-events">
                {one.card.rules.map((rule) => <li key={rule.key}><span className="grow">{rule.name}</span><span className="score-points">{signedPoints(rule.points)}</span></li>)}
                <li className="t3">{t('scoring.tiers_were', { middle: one.card.middle_from, high: one.card.high_from })}</li>
              </ul>
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}
