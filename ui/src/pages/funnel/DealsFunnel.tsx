import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import type { Condition } from '@/api/types';
import { linkTo } from '@/condition/where';
import { useFormat } from '@/format/useFormat';
import { TableScroll } from '@/part/TableScroll';
import { judge, narrowest, splits, type Counted, type DealsReport } from './funnel';
import { FunnelChart } from './FunnelChart';
import { Amounts, Interval, SplitTable, StepTable } from './FunnelTables';

/** The answer in one sentence, with what is not known. */
function Answer({ report }: { report: DealsReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [lead, deal] = report.steps;
  const worst = narrowest(report.steps);
  const next = worst && report.steps[report.steps.indexOf(worst) + 1];
  const verdict = worst && judge(worst.conversion, worst.threshold) === 'below' ? 'below' : 'perhaps';
  return (
    <p className="answer">
      {t('funnel.answer', { leads: format.count(lead?.reached ?? 0), deals: format.count(deal?.reached ?? 0), won: format.count(report.won.count) })}
      {report.win_rate && <>{t('funnel.answer_rate')}<b>{format.percent(report.win_rate.value, 1)}</b>{t('funnel.bracket_open')}<Interval rate={report.win_rate} />{t('funnel.bracket_close')}</>}
      {worst?.conversion && next
        ? <>{t('funnel.answer_narrow')}<b className={verdict === 'below' ? 'bad' : 'warn'}>{worst.label} → {next.label} {format.percent(worst.conversion.value, 1)}</b>{t(`funnel.answer_${verdict}`, { rate: format.percent(worst.threshold ?? '0') })}</>
        : t('funnel.answer_fine')}
    </p>
  );
}

function Outcome({ label, counted }: { label: string; counted: Counted }) {
  const format = useFormat();
  return (
    <div>
      <dt className="t3 small-text">{label}</dt>
      <dd className="figure">{counted.count > 0 ? <Link to={linkTo('opportunities', counted.where)}>{format.count(counted.count)}</Link> : 0}</dd>
      <dd className="t2 dense"><Amounts amounts={counted.amounts} /></dd>
    </div>
  );
}

function Outcomes({ report }: { report: DealsReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const days = report.mean_days_to_close;
  return (
    <dl className="funnel-outcomes">
      <Outcome label={t('funnel.open_deals')} counted={report.open} />
      <Outcome label={t('funnel.won')} counted={report.won} />
      <Outcome label={t('funnel.lost')} counted={report.lost} />
      <div>
        <dt className="t3 small-text">{t('funnel.win_rate')}</dt>
        <dd className="figure" title={report.win_rate ? format.percent(report.win_rate.value, 2) : undefined}>{report.win_rate ? format.percent(report.win_rate.value, 1) : '—'}</dd>
        <dd className="t2 dense">{report.win_rate ? <>{t('funnel.interval')} <Interval rate={report.win_rate} /></> : t('funnel.none_closed')}</dd>
      </div>
      {days?.won && (
        <div>
          <dt className="t3 small-text">{t('funnel.days_to_win')}</dt>
          <dd className="figure">{Math.round(Number(days.won))}<span className="unit">{t('funnel.days')}</span></dd>
          <dd className="t2 dense">{days.all ? t('funnel.days_all', { count: Math.round(Number(days.all)) }) : ''}</dd>
        </div>
      )}
    </dl>
  );
}

/** How far the deals of a period came, what was won and lost, and by whom. */
export function DealsFunnel({ report, leads }: { report: DealsReport; leads: Condition }) {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const by = splits.find((split) => split === search.get('by')) ?? 'steps';
  const open = (name: string) => setSearch((before) => { const next = new URLSearchParams(before); next.set('by', name); return next; }, { replace: true });
  const uncertain = report.steps.some(({ unknown }) => unknown > 0);
  return (
    <>
      <Answer report={report} />
      <div className="funnel-top">
        <FunnelChart report={report} leads={leads} />
        <Outcomes report={report} />
      </div>
      {uncertain && <p className="t2 dense">{t('funnel.unknown_hint')}</p>}
      <div className="tabs funnel-tabs" role="group" aria-label={t('funnel.tables')}>
        {(['steps', ...splits] as const).map((name) => (
          <button key={name} type="button" className={name === by ? 'on' : ''} aria-pressed={name === by} onClick={() => open(name)}>{t(`funnel.tab_${name}`)}</button>
        ))}
      </div>
      <TableScroll label={t('funnel.tables')}>
        {by === 'steps' ? <StepTable report={report} leads={leads} /> : <SplitTable report={report} split={by} />}
      </TableScroll>
    </>
  );
}
