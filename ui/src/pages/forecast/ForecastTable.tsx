import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { linkTo } from '@/condition/where';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { TableScroll } from '@/part/TableScroll';
import { gap, judged, parts, partOf, size, type ForecastReport, type Outlook } from './forecast';

function Cells({ outlook, name, onAdjust }: { outlook: Outlook; name: string; onAdjust?: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const missing = gap(outlook);
  const nought = onAdjust
    ? <button type="button" className="link" aria-label={t('forecast.adjust_of', { name })} onClick={onAdjust}>{t('forecast.adjust')}</button>
    : <span className="t3">0</span>;
  return (
    <>
      {parts.slice(0, 4).map((name) => {
        const part = partOf(outlook, name);
        const text = part ? format.shortMoney(part.amount) : nothing;
        return (
          <td key={name} className="num">
            {part && part.count > 0 ? <><Link to={linkTo('opportunities', part.where)}>{text}</Link> <span className="t3 small-text">{t('forecast.deals', { count: part.count })}</span></> : <span className="t3">0</span>}
          </td>
        );
      })}
      <td className="num"><b>{format.shortMoney(outlook.expected)}</b> <span className="t3 small-text">{format.shortMoney(outlook.low)}–{format.shortMoney(outlook.high)}</span></td>
      <td className="num">{size(outlook.adjusted) === 0 ? nought : <>{format.shortMoney(outlook.adjusted)} <span className="t3 small-text">→ {format.shortMoney(judged(outlook))}</span></>}</td>
      <td className="num">{outlook.target ? format.shortMoney(outlook.target) : nothing}</td>
      <td className={`num ${missing && size(missing) > 0 ? 'bad' : ''}`}>{missing ? (size(missing) > 0 ? t('forecast.short', { amount: format.shortMoney(missing) }) : t('forecast.reached')) : nothing}</td>
    </>
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
  const by = report.dimensions.find(({ name }) => name === report.by)?.label ?? '';
  const subject = subjects[report.by];
  const lines = [...report.lines].sort((a, b) => size(b.expected) - size(a.expected));
  return (
    <TableScroll label={t('forecast.title')}>
      <table className="plain-table">
        <thead>
          <tr>
            <th>{by}</th>
            {parts.slice(0, 4).map((name) => <th key={name} className="num">{t(`forecast.${name}`)}</th>)}
            <th className="num">{t('forecast.expected')}</th><th className="num">{t('forecast.adjusted')}</th>
            <th className="num">{t('performance.target')}</th><th className="num">{t('forecast.gap')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.id ?? line.title}>
              <td className="nowrap">{line.title || t('performance.nobody')}</td>
              <Cells outlook={line} name={line.title} onAdjust={onAdjust && subject && line.id ? () => onAdjust({ [subject]: line.id }) : undefined} />
            </tr>
          ))}
          <tr className="total"><td>{t('performance.total')}</td><Cells outlook={report.total} name={t('performance.total')} /></tr>
        </tbody>
      </table>
    </TableScroll>
  );
}
