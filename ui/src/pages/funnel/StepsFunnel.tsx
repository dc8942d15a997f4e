import { useState } from 'react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Condition } from '@/api/types';
import { linkTo } from '@/condition/where';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonLines } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { pointsBetween, verdictOf, type CauseGroup, type FunnelCause, type FunnelReport, type FunnelStep, type StepTime } from './funnel';
import { Interval } from './FunnelTables';

const tones = { below: 'bad', perhaps: 'warn', fine: '', little: 't3' };
type Query = Record<string, string | null>;

/** A figure that opens its records; zero opens nothing. */
function Figure({ value, plural, where, label }: { value: number; plural: string; where: Condition | null; label?: string }) {
  const format = useFormat();
  if (value === 0 || !where) return <>{format.count(value)}</>;
  return <Link to={linkTo(plural, where)} aria-label={label}>{format.count(value)}</Link>;
}

/** More or fewer points than in the period before. */
function Change({ step }: { step: FunnelStep }) {
  const points = pointsBetween(step.conversion, step.before?.conversion ?? null);
  if (points === null) return <>{nothing}</>;
  const tone = points <= -0.05 ? 'bad' : points >= 0.05 ? 'ok' : 't3';
  return <span className={tone}>{points > 0 ? '↑' : points < 0 ? '↓' : ''} {Math.abs(points).toFixed(1)}</span>;
}

function Passage({ step, chosen, onChoose }: { step: FunnelStep; chosen: boolean; onChoose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const verdict = step.verdict ?? 'fine';
  return (
    <button type="button" className={`funnel-rate ${verdict} ${chosen ? 'chosen' : ''}`} aria-pressed={chosen} onClick={onChoose} aria-label={t('funnel.why_step', { step: step.label })}>
      <b className={tones[verdict]}>{step.conversion ? format.percent(step.conversion.value, 1) : nothing}</b>
      {step.threshold !== null && <span className="t2 small-text">{t('funnel.threshold', { rate: format.percent(step.threshold) })}</span>}
      <span className="small-text">{step.verdict === 'little' ? <span className="t3">{t('funnel.little')}</span> : <Change step={step} />}</span>
    </button>
  );
}

function Bar({ step, most, known }: { step: FunnelStep; most: number; known: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const height = (count: number) => `${(count / most) * 100}%`;
  return (
    <li className="funnel-step">
      <span className="funnel-plot">
        <span className="funnel-count">
          {known ? <Figure value={step.reached} plural={step.entity} where={step.where} label={t('funnel.open', { step: step.label, figure: format.count(step.reached) })} /> : nothing}
        </span>
        <span className="funnel-stack" style={{ height: height(step.reached) }}>
          {step.open > 0 && <i className="funnel-under-way" style={{ height: `${(step.open / step.reached) * 100}%` }} />}
          {step.before && <u style={{ bottom: `${step.reached > 0 ? Math.min(step.before.reached / step.reached, most / step.reached) * 100 : 0}%` }} />}
        </span>
      </span>
      <b className="dense">{step.label}</b>
      <span className="t2 small-text">{step.open > 0 ? <>{t('funnel.still')} <Figure value={step.open} plural={step.entity} where={step.open_where} /></> : ' '}</span>
    </li>
  );
}

function Chart({ report, chosen, onChoose }: { report: FunnelReport; chosen: string; onChoose: (step: string) => void }) {
  const { t } = useTranslation();
  const most = Math.max(...report.steps.map(({ reached, before }) => Math.max(reached, before?.reached ?? 0)), 1);
  return (
    <figure className="funnel-chart" aria-label={t('funnel.title')}>
      <div className="funnel-legend small-text t2">
        <span><i className="funnel-key solid" /> {t('funnel.this_period')}</span>
        {report.view === 'leads' && <span><i className="funnel-key striped" /> {t('funnel.under_way')}</span>}
        {report.steps[0]?.before && <span><i className="funnel-key dashed" /> {t('funnel.before')}</span>}
      </div>
      <div className="funnel-rates">
        {report.steps.slice(0, -1).map((step) => <Passage key={step.step} step={step} chosen={step.step === chosen} onChoose={() => onChoose(step.step)} />)}
      </div>
      <ol className="funnel-steps">{report.steps.map((step, at) => <Bar key={step.step} step={step} most={most} known={at === 0 || report.steps[at - 1]?.threshold !== null} />)}</ol>
    </figure>
  );
}

/** The answer in one sentence. */
function Answer({ report }: { report: FunnelReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [lead] = report.steps;
  const order = report.steps.find(({ step }) => step === 'order');
  const at = report.steps.findIndex(({ step }) => step === report.bottleneck);
  const narrow = report.steps[at];
  const open = report.steps.reduce((sum, step) => sum + step.open, 0);
  const unpaid = order?.threshold === null;
  const figures = { leads: format.count(lead?.reached ?? 0), orders: format.count(order?.reached ?? 0), open: format.count(open), deals: format.count(report.steps[1]?.reached ?? 0) };
  return (
    <p className="answer">
      {t(report.view === 'leads' ? 'funnel.answer_leads' : 'funnel.answer_period', figures)}
      {narrow?.settled
        ? <>{t('funnel.answer_narrow')}<b className={tones[narrow.verdict ?? 'fine']}>{narrow.label} → {report.steps[at + 1]?.label} {format.percent(narrow.settled.value, 1)}</b>{t(narrow.verdict === 'below' ? 'funnel.answer_below' : 'funnel.answer_perhaps', { rate: format.percent(narrow.threshold ?? '0') })}</>
        : t(`funnel.answer_${verdictOf(report)}`, { least: report.sample_least })}
      {unpaid && <span className="t2"> {t('funnel.payment_unknown')}</span>}
    </p>
  );
}

function Group({ group, most, plural }: { group: CauseGroup; most: number; plural: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sure = Number(group.p) < 0.05;
  return (
    <li>
      <span className="dense"><span className="t3">{group.label} </span><Link to={linkTo(plural, group.where)}>{group.title}</Link></span>
      <span className="funnel-short"><i className={sure ? 'sure' : ''} style={{ width: `${(Number(group.missing) / most) * 100}%` }} /></span>
      <span className="num dense">−{format.count(Math.round(Number(group.missing)))}</span>
      <span className="small-text t2 funnel-shares">{t('funnel.shares', { rate: format.percent(group.rate?.value ?? '0', 1), rest: format.percent(group.rest, 1), n: format.count(group.n) })}{sure ? '' : t('funnel.by_chance')}</span>
    </li>
  );
}

function Cause({ report, step, cause }: { report: FunnelReport; step: FunnelStep; cause: FunnelCause | undefined }) {
  const { t } = useTranslation();
  const next = report.steps[report.steps.indexOf(step) + 1];
  const most = Math.max(...(cause?.worst ?? []).map(({ missing }) => Number(missing)), 1);
  return (
    <section className="funnel-cause" aria-label={t('funnel.why')}>
      <h2>{t(step.verdict === 'below' || step.verdict === 'perhaps' ? 'funnel.why_narrow' : 'funnel.who_less', { from: step.label, to: next?.label })}</h2>
      {!cause && <SkeletonLines count={5} />}
      {cause && <p className="dense">{cause.sentence}</p>}
      {cause && cause.worst.length > 0 && (
        <>
          <p className="small-text t3">{t('funnel.missing_hint')}</p>
          <ul>{cause.worst.map((group) => <Group key={`${group.dimension} ${group.id ?? group.title}`} group={group} most={most} plural={report.view === 'period' && step.step !== 'lead' ? 'opportunities' : 'leads'} />)}</ul>
        </>
      )}
    </section>
  );
}

function Days({ days, unsure }: { days: number | null | undefined; unsure: boolean }) {
  const { t } = useTranslation();
  if (days === undefined) return <span className="t3">…</span>;
  if (days === null) return <span className="t3" title={t('funnel.not_so_far')}>{unsure ? t('funnel.not_yet') : nothing}</span>;
  return <>{t('funnel.so_many_days', { count: days })}</>;
}

function Line({ step, next, time, chosen, onChoose }: { step: FunnelStep; next: FunnelStep; time: StepTime | undefined; chosen: boolean; onChoose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const verdict = step.verdict ?? 'fine';
  return (
    <tr className={chosen ? 'chosen' : ''}>
      <td><button type="button" className="link nowrap" aria-pressed={chosen} onClick={onChoose}>{step.label} → {next.label}</button></td>
      <td className="num"><Figure value={step.reached} plural={step.entity} where={step.where} /></td>
      <td className="num">{step.threshold === null ? nothing : <Figure value={next.reached} plural={next.entity} where={next.where} />}</td>
      <td className="num strong">{step.conversion ? format.percent(step.conversion.value, 1) : nothing}</td>
      <td className={`num strong ${tones[verdict]}`}>{step.settled ? format.percent(step.settled.value, 1) : nothing}</td>
      <td className="num t2">{verdict === 'little' ? t('funnel.little') : <Interval rate={step.settled} />}</td>
      <td className="num t2">{step.threshold !== null ? format.percent(step.threshold) : nothing}</td>
      <td className="num t2">{step.before?.conversion ? format.percent(step.before.conversion.value, 1) : nothing}</td>
      <td className="num"><Change step={step} /></td>
      <td className="num"><Days days={time?.median_days} unsure={(time?.not_yet ?? 0) > 0} /></td>
      <td className="num"><Days days={time?.p90_days} unsure={(time?.not_yet ?? 0) > 0} /></td>
      <td className="num"><Figure value={step.open} plural={step.entity} where={step.open_where} /></td>
    </tr>
  );
}

function Lines({ report, times, chosen, onChoose }: { report: FunnelReport; times: StepTime[] | undefined; chosen: string; onChoose: (step: string) => void }) {
  const { t } = useTranslation();
  const heads = ['reached', 'went_on', 'conversion', 'settled', 'interval', 'threshold_head', 'before', 'change', 'median', 'p90', 'still'] as const;
  return (
    <table className="plain-table">
      <thead><tr><th>{t('funnel.step')}</th>{heads.map((head) => <th key={head} className="num">{t(`funnel.${head}`)}</th>)}</tr></thead>
      <tbody>
        {report.steps.slice(0, -1).map((step, at) => {
          const next = report.steps[at + 1];
          return next && (
            <Line key={step.step} step={step} next={next} chosen={step.step === chosen} onChoose={() => onChoose(step.step)} time={times?.find((time) => time.step === step.step)} />
          );
        })}
      </tbody>
    </table>
  );
}

/** Leads of a period, or what it brought, step by step; the narrow place and what speaks for its cause. */
export function StepsFunnel({ report, query }: { report: FunnelReport; query: Query }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<string | null>(null);
  const chosen = asked ?? report.bottleneck ?? (query.product_id || query.pipeline_id ? 'opportunity' : 'lead');
  const step = report.steps.find((one) => one.step === chosen);
  const { data: cause, error, refetch } = useQuery({
    queryKey: ['reports', 'funnel', 'cause', query, chosen],
    queryFn: () => api.get<FunnelCause>('/reports/funnel/cause', { ...query, step: chosen }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <Answer report={report} />
      <div className="funnel-top">
        <Chart report={report} chosen={chosen} onChoose={setAsked} />
        {step && <Cause report={report} step={step} cause={cause?.step === chosen ? cause : undefined} />}
      </div>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      <TableScroll label={t('funnel.tables')}>
        <Lines report={report} times={cause?.times} chosen={chosen} onChoose={setAsked} />
      </TableScroll>
      {(query.product_id || query.pipeline_id) && <p className="t2 dense">{t('funnel.of_the_deal')}</p>}
      <p className="t2 dense">{t(report.view === 'leads' ? 'funnel.leads_note' : 'funnel.period_note', { least: report.sample_least })}</p>
    </>
  );
}
