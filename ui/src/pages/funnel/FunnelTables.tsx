import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import type { Condition, Money } from '@/api/types';
import { nothing } from '@/format/format';
import { and, linkTo } from '@/condition/where';
import { useFormat } from '@/format/useFormat';
import { judge, reachedWhere, splitLeaves, type DealsReport, type Rate, type Split, type SplitName } from './funnel';

/** A figure that opens its records; zero opens nothing. */
function Figure({ value, plural = 'opportunities', where }: { value: number; plural?: string; where: Condition | null }) {
  const format = useFormat();
  if (value === 0 || !where) return <>{format.count(value)}</>;
  return <Link to={linkTo(plural, where)}>{format.count(value)}</Link>;
}

export function Interval({ rate }: { rate: Rate | null }) {
  const format = useFormat();
  return <>{rate ? `${format.percent(rate.low, 1).slice(0, -1)}–${format.percent(rate.high, 1)}` : nothing}</>;
}

export function StepTable({ report, leads }: { report: DealsReport; leads: Condition }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{t('funnel.step')}</th><th className="num">{t('funnel.reached')}</th><th className="num">{t('funnel.unknown')}</th>
          <th className="num">{t('funnel.conversion')}</th><th className="num">{t('funnel.interval')}</th><th className="num">{t('funnel.threshold_head')}</th>
          <th className="num">{t('funnel.current')}</th>
        </tr>
      </thead>
      <tbody>
        {report.steps.map((step) => {
          const verdict = judge(step.conversion, step.threshold);
          const here = step.entity === 'opportunities'
            ? and(report.open.where, { field: 'stage_id.funnel_step', op: 'eq', value: step.step })
            : null;
          return (
            <tr key={step.step}>
              <td>{step.label}</td>
              <td className="num">
                {step.reached === 0 && step.unknown > 0 ? nothing : <Figure value={step.reached} plural={step.entity} where={reachedWhere(step, report, leads)} />}
              </td>
              <td className="num">{step.unknown > 0 ? format.count(step.unknown) : <span className="t3">0</span>}</td>
              <td className={`num strong ${verdict === 'below' ? 'bad' : verdict === 'perhaps' ? 'warn' : ''}`}>{step.conversion ? format.percent(step.conversion.value, 1) : nothing}</td>
              <td className="num t2"><Interval rate={step.conversion} /></td>
              <td className="num t2">{step.threshold !== null ? format.percent(step.threshold) : nothing}</td>
              <td className="num"><Figure value={step.current} where={here} /></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function Amounts({ amounts }: { amounts: Money[] }) {
  const format = useFormat();
  if (amounts.length === 0) return <>{nothing}</>;
  return <span title={amounts.map((money) => format.money(money)).join(' + ')}>{amounts.map((money) => format.shortMoney(money)).join(' + ')}</span>;
}

/** Won and lost by quarter, person, product or reason. */
export function SplitTable({ report, split }: { report: DealsReport; split: SplitName }) {
  const { t } = useTranslation();
  const format = useFormat();
  const reasons = split === 'lost_reasons';
  const shown = reasons ? report[split].filter(({ lost }) => lost > 0).sort((a, b) => b.lost - a.lost) : report[split].filter(({ won, lost }) => won + lost > 0);
  const where = (line: Split, whole: Condition) => and(whole, ...splitLeaves(split, line));
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{t(`funnel.${split}`)}</th>
          {!reasons && <th className="num">{t('funnel.won')}</th>}
          <th className="num">{t('funnel.lost')}</th>
          {!reasons && <><th className="num">{t('funnel.win_rate')}</th><th className="num">{t('funnel.interval')}</th><th className="num">{t('funnel.won_amount')}</th></>}
          {reasons && <th className="num">{t('funnel.share')}</th>}
        </tr>
      </thead>
      <tbody>
        {shown.map((line) => (
          <tr key={line.id ?? line.title}>
            <td>{line.title || t('funnel.not_given')}</td>
            {!reasons && <td className="num"><Figure value={line.won} where={where(line, report.won.where)} /></td>}
            <td className="num"><Figure value={line.lost} where={where(line, report.lost.where)} /></td>
            {!reasons && (
              <>
                <td className="num strong">{line.win_rate ? format.percent(line.win_rate.value, 1) : nothing}</td>
                <td className="num t2"><Interval rate={line.win_rate} /></td>
                <td className="num"><Amounts amounts={line.amounts} /></td>
              </>
            )}
            {reasons && <td className="num t2">{format.percent(String(line.lost / Math.max(report.lost.count, 1)))}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
