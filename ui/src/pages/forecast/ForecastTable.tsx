import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { linkTo } from '@/condition/where';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { useSize } from '@/app/preferences';
import { TableScroll } from '@/part/TableScroll';
import { gap, judged, parts, partOf, size, type ForecastReport, type Outlook, type PartName } from './forecast';

interface LineProps {
  outlook: Outlook;
  name: string;
  onAdjust?: (() => void) | undefined;
}

const shown = parts.slice(0, 4);

/** What is called so, opening to its deals. */
function PartFigure({ outlook, name }: { outlook: Outlook; name: PartName }) {
  const { t } = useTranslation();
  const format = useFormat();
  const part = partOf(outlook, name);
  if (!part || part.count === 0) return <span className="t3">0</span>;
  return <><Link to={linkTo('opportunities', part.where)}>{format.shortMoney(part.amount)}</Link> <span className="t3 small-text beneath">{t('forecast.deals', { count: part.count })}</span></>;
}

function Adjusted({ outlook, name, onAdjust }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  if (size(outlook.adjusted) !== 0) return <>{format.shortMoney(outlook.adjusted)} <span className="t3 small-text beneath">→ {format.shortMoney(judged(outlook))}</span></>;
  return onAdjust
    ? <button type="button" className="link" aria-label={t('forecast.adjust_of', { name })} onClick={onAdjust}>{t('forecast.adjust')}</button>
    : <span className="t3">0</span>;
}

function Gap({ outlook }: { outlook: Outlook }) {
  const { t } = useTranslation();
  const format = useFormat();
  const missing = gap(outlook);
  if (!missing) return <span className="t3">{nothing}</span>;
  return size(missing) > 0 ? <span className="bad">{t('forecast.short', { amount: format.shortMoney(missing) })}</span> : <>{t('forecast.reached')}</>;
}

function Range({ outlook }: { outlook: Outlook }) {
  const format = useFormat();
  return <span className="t3 small-text beneath">{format.shortMoney(outlook.low)}–{format.shortMoney(outlook.high)}</span>;
}

function Cells({ outlook, name, onAdjust }: LineProps) {
  const format = useFormat();
  return (
    <>
      {shown.map((part) => <td key={part} className="num"><PartFigure outlook={outlook} name={part} /></td>)}
      <td className="num"><b>{format.shortMoney(outlook.expected)}</b> <Range outlook={outlook} /></td>
      <td className="num"><Adjusted outlook={outlook} name={name} onAdjust={onAdjust} /></td>
      <td className="num">{outlook.target ? format.shortMoney(outlook.target) : nothing}</td>
      <td className="num"><Gap outlook={outlook} /></td>
    </>
  );
}

/** On a phone a line is three. */
function Card({ outlook, name, onAdjust }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li>
      <div className="row"><b className="grow">{name}</b><Range outlook={outlook} /><b>{format.shortMoney(outlook.expected)}</b></div>
      <div className="row wrap dense">
        {shown.map((part) => (partOf(outlook, part)?.count ?? 0) > 0 && <span key={part} className="t2">{t(`forecast.${part}`)} <PartFigure outlook={outlook} name={part} /></span>)}
      </div>
      {(outlook.target ?? onAdjust ?? size(outlook.adjusted) !== 0) && (
        <div className="row wrap dense">
          {outlook.target && <span className="t2">{t('performance.target')} {format.shortMoney(outlook.target)} <Gap outlook={outlook} /></span>}
          {size(outlook.adjusted) !== 0 && <span className="t2">{t('forecast.adjusted')} <Adjusted outlook={outlook} name={name} /></span>}
          <span className="grow" />
          {size(outlook.adjusted) === 0 && onAdjust && <Adjusted outlook={outlook} name={name} onAdjust={onAdjust} />}
        </div>
      )}
    </li>
  );
}

/** Whom an adjustment of a line is for, by what the lines are of; lines of other things are not adjusted. */
const subjects: Record<string, string> = { owner: 'user_id', department: 'department_id' };

interface Props {
  report: ForecastReport;
  onAdjust: ((of: Record<string, unknown>) => void) | undefined;
}

export function ForecastTable({ report, onAdjust }: Props) {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  const by = report.dimensions.find(({ name }) => name === report.by)?.label ?? '';
  const subject = subjects[report.by];
  const lines = report.lines.map((line) => ({
    key: line.id ?? line.title, outlook: line, name: line.title || t(report.by === 'team' ? 'performance.no_team' : 'performance.nobody'),
    onAdjust: onAdjust && subject && line.id ? () => onAdjust({ [subject]: line.id }) : undefined,
  }));
  const total = { outlook: report.total, name: t('performance.total') };
  if (phone) return <ul className="line-cards" aria-label={t('forecast.title')}>{lines.map(({ key, ...line }) => <Card key={key} {...line} />)}<Card {...total} /></ul>;
  return (
    <TableScroll label={t('forecast.title')}>
      <table className="plain-table forecast-table">
        <thead>
          <tr>
            <th>{by}</th>
            {shown.map((name) => <th key={name} className="num">{t(`forecast.${name}`)}</th>)}
            <th className="num">{t('forecast.expected')}</th><th className="num">{t('forecast.adjusted')}</th>
            <th className="num">{t('performance.target')}</th><th className="num">{t('forecast.gap')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ key, ...line }) => <tr key={key}><td className="nowrap">{line.name}</td><Cells {...line} /></tr>)}
          <tr className="total"><td>{total.name}</td><Cells {...total} /></tr>
        </tbody>
      </table>
    </TableScroll>
  );
}
