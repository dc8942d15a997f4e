import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import type { Condition } from '@/api/types';
import { linkTo } from '@/condition/where';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { TableScroll } from '@/part/TableScroll';
import { change, columns, seesAll, type Column, type CountTarget, type Figures, type Line, type Opens, type PerformanceReport, type Rate, type Targets, type TargetShown } from './performance';

function Opened({ text, plural = 'opportunities', where }: { text: string; plural?: string; where: Condition | undefined }) {
  return where ? <Link to={linkTo(plural, where)}>{text}</Link> : <>{text}</>;
}

function Share({ rate }: { rate: Rate | null | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!rate) return <>{nothing}</>;
  const range = `${format.percent(rate.low)}–${format.percent(rate.high)}`;
  return <span title={t('performance.interval', { range, count: rate.known })}><b>{format.percent(rate.value)}</b> <span className="t3 small-text">{range}</span></span>;
}

/** More or less than in the earlier period. */
export function Change({ now, before }: { now: Figures; before: Figures }) {
  const format = useFormat();
  const share = change(now.won_amount, before.won_amount);
  if (share === null) return <>{nothing}</>;
  return <span className={share < 0 ? 'bad' : 'ok'}>{share < 0 ? '↓' : '↑'} {format.percent(Math.abs(share).toFixed(4))}</span>;
}

function Reached({ target }: { target: TargetShown | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!target) return <>{nothing}</>;
  return (
    <span title={target.basis === 'given' ? undefined : t(`performance.basis_${target.basis}`)}>
      {target.reached && <b>{format.percent(target.reached)}</b>} <span className="t3 small-text">{t('performance.of', { amount: format.shortMoney(target.amount) })}</span>
    </span>
  );
}

/** Behind a count: how much of what was planned. */
function Planned({ target }: { target: CountTarget | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!target) return null;
  const basis = target.basis === 'given' ? undefined : t(`performance.basis_${target.basis}`);
  return <span className="t3 small-text nowrap" title={basis}> {t('performance.of', { amount: format.count(target.count) })}{target.reached && ` · ${format.percent(target.reached)}`}</span>;
}

function Cells({ now, before, target, target_won: planned, target_converted: toConvert, where }: Targets & { now: Figures; before: Figures; where?: Opens }) {
  const format = useFormat();
  const counted = (value: number | undefined, plural: string, condition: Condition | undefined) =>
    (value === undefined ? nothing : value === 0 ? '0' : <Opened text={format.count(value)} plural={plural} where={condition} />);
  return (
    <>
      <td className="num strong"><Opened text={format.shortMoney(now.won_amount)} where={now.won > 0 ? where?.won : undefined} /></td>
      <td className="num">{counted(now.won, 'opportunities', where?.won)}<Planned target={planned} /></td>
      <td className="num"><Change now={now} before={before} /></td>
      <td className="num"><Reached target={target} /></td>
      <td className="num"><Share rate={now.win_rate} /></td>
      <td className="num">{now.cycle ? format.decimal(now.cycle.days) : nothing}</td>
      <td className="num">{counted(where?.leads ? now.leads : undefined, 'leads', where?.leads)}</td>
      <td className="num">{counted(where?.converted ? now.converted : undefined, 'leads', where?.converted)}<Planned target={toConvert} /></td>
      <td className="num"><Share rate={where?.leads ? now.lead_conversion : null} /></td>
      <td className="num">{counted(where?.follow_ups ? now.follow_ups : undefined, 'activities', where?.follow_ups)}</td>
    </>
  );
}

interface Props {
  report: PerformanceReport;
  lines: Line[];
  column: Column;
  onSort: (column: Column) => void;
}

export function PerformanceTable({ report, lines, column, onSort }: Props) {
  const { t } = useTranslation();
  const by = report.dimensions.find(({ name }) => name === report.by)?.label ?? '';
  const head = (name: Column) => (
    <th className="num" aria-sort={name === column ? 'descending' : undefined}><button type="button" className={name === column ? 'on' : ''} onClick={() => onSort(name)}>{t(`performance.${name}`)}{name === column ? ' ↓' : ''}</button></th>
  );
  return (
    <TableScroll label={t('performance.title')}>
      <table className="plain-table">
        <thead>
          <tr>
            <th>{by}</th>
            {head(columns[0])}{head(columns[1])}
            <th className="num">{t('performance.change')}</th>
            {head(columns[2])}{head(columns[3])}{head(columns[4])}
            <th className="num">{t('performance.leads')}</th>
            <th className="num">{t('performance.converted')}</th>
            {head(columns[5])}{head(columns[6])}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.id ?? line.title}>
              <td className="nowrap">{line.title}</td>
              <Cells {...line} />
            </tr>
          ))}
          <tr className="total">
            <td>{t(seesAll(lines) ? 'performance.total' : 'performance.total_seen')}</td>
            <Cells {...report.total} />
          </tr>
        </tbody>
      </table>
    </TableScroll>
  );
}
