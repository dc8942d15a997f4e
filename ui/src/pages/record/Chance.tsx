import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf } from '@/api/meta';
import { useSession } from '@/api/session';
import type { Entity, RecordRow } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import './score.css';

interface Answer {
  probability: number | null;
  share?: number;
  at?: string;
  reasons?: { label: string; value: string; added: number }[];
}

const worth = 0.05;

/** How likely the lead is to convert by the company's own experience, beside the average, and why. */
export function Chance({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { modules } = useSession();
  const shown = entity.name === 'lead' && modules.includes('marketing') && fieldOf(entity, 'win_probability') !== undefined && record.win_probability !== null;
  const { data } = useQuery({
    queryKey: ['chance', record.id, record.version, record.win_probability ?? null], enabled: shown,
    queryFn: () => api.get<Answer>(`/leads/${record.id}/chance`),
  });
  if (!shown || !data || data.probability === null) return null;
  const { probability, share = 0, reasons = [] } = data;
  const telling = reasons.filter(({ added }) => Math.abs(added) >= worth).slice(0, 5);
  return (
    <section className="section score-panel" aria-label={t('prediction.panel')}>
      <div className="section-head"><h2>{t('prediction.panel')}</h2></div>
      <div className="row"><span className="score-figure">{format.percent(probability)}</span><span className="t2 small-text">{t('prediction.average', { share: format.percent(share) })}</span></div>
      <div className="chance-bar" aria-hidden="true"><i style={{ width: `${probability * 100}%` }} /><u style={{ left: `${share * 100}%` }} /></div>
      <ul className="chance-reasons">
        {telling.map(({ label, value, added }) => (
          <li key={label}>
            <span className="grow">{label}: {value}</span>
            <span className={added > 0 ? 'ok' : 'bad'}>{t(added > 0 ? (added > 0.5 ? 'prediction.much_up' : 'prediction.up') : (added < -0.5 ? 'prediction.much_down' : 'prediction.down'))}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
