import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import type { FunnelReport } from '@/pages/funnel/funnel';

const tones = { below: 'bad strong', perhaps: 'warn', fine: '', little: 't3' };

/** The steps of the funnel, of one department or all, against their thresholds: the upright line is the threshold. */
export function FunnelSteps({ department }: { department: string | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery({ queryKey: ['home', 'funnel', department], queryFn: () => api.get<FunnelReport>('/reports/funnel', { department_id: department }), placeholderData: (before) => before });
  if (!data) return null;
  const steps = data.steps.slice(0, -1);
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('home.funnel')}</h2><span className="grow" />
        <Link className="small-text" to={department ? `/reports/funnel?department=${department}` : '/reports/funnel'}>{t('home.open_funnel')}</Link>
      </div>
      <ul className="step-list">
        {steps.map((step, index) => {
          const verdict = step.verdict;
          const next = data.steps[index + 1];
          const share = Number(step.settled?.value ?? 0);
          return (
            <li key={step.step}>
              <span className="dense">{step.label} → {next?.label}</span>
              <span className={`bar ${verdict === 'below' ? 'short' : ''}`}>
                {step.settled && <b style={{ width: `${Math.min(100, share * 100)}%` }} />}
                {step.threshold !== null && <u style={{ left: `${Math.min(100, Number(step.threshold) * 100)}%` }} />}
              </span>
              <span className={`dense num ${verdict ? tones[verdict] : 't3'}`}>{step.settled ? format.percent(step.settled.value, 1) : nothing}</span>
              <span className="small-text t3 num">{step.threshold !== null ? t('funnel.threshold', { rate: format.percent(step.threshold) }) : ''}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
