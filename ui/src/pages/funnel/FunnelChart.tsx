import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import type { Condition } from '@/api/types';
import { nothing } from '@/format/format';
import { linkTo } from '@/condition/where';
import { useFormat } from '@/format/useFormat';
import { judge, reachedWhere, type DealsReport, type DealsStep } from './funnel';

const tones = { below: 'bad', perhaps: 'warn', above: '' };

/** Share that went on from one step to the next. */
function Conversion({ step }: { step: DealsStep }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { conversion, threshold } = step;
  const verdict = judge(conversion, threshold);
  return (
    <span className={`funnel-rate ${verdict ?? ''}`}>
      {conversion
        ? <b className={verdict ? tones[verdict] : ''}>{format.percent(conversion.value, 1)}</b>
        : <span className="t3">{t('funnel.unknown')}</span>}
      {threshold !== null && <span className="t2 small-text">{t('funnel.threshold', { rate: format.percent(threshold) })}</span>}
    </span>
  );
}

function Bar({ step, most, where }: { step: DealsStep; most: number; where: Condition | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const height = (count: number) => `${most > 0 ? (count / most) * 100 : 0}%`;
  const figure = step.reached === 0 && step.unknown > 0 ? nothing : format.count(step.reached);
  return (
    <li className="funnel-step">
      <span className="funnel-plot">
        <span className="funnel-count">
          {where ? <Link to={linkTo(step.entity, where)} aria-label={t('funnel.open', { step: step.label, figure })}>{figure}</Link> : figure}
        </span>
        {step.unknown > 0 && <i className="funnel-unknown" style={{ height: height(step.unknown) }} title={t('funnel.count_unknown', { count: step.unknown })} />}
        <i className="funnel-bar" style={{ height: height(step.reached) }} />
      </span>
      <b className="dense">{step.label}</b>
      <span className="t2 small-text">{step.unknown > 0 ? t('funnel.count_unknown', { count: step.unknown }) : ' '}</span>
    </li>
  );
}

/** Six steps as bars from zero, the share that went on between them. The table says the same. */
export function FunnelChart({ report, leads }: { report: DealsReport; leads: Condition }) {
  const { t } = useTranslation();
  const most = Math.max(...report.steps.map(({ reached }) => reached), 1);
  return (
    <figure className="funnel-chart" aria-label={t('funnel.title')}>
      <div className="funnel-rates">{report.steps.slice(0, -1).map((step) => <Conversion key={step.step} step={step} />)}</div>
      <ol className="funnel-steps">
        {report.steps.map((step) => <Bar key={step.step} step={step} most={most} where={reachedWhere(step, report, leads)} />)}
      </ol>
    </figure>
  );
}
