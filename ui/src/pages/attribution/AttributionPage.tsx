import { DatePicker, Select } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import '@/sales/period.css';
import { spans } from '@/sales/period';
import { useFormat } from '@/format/useFormat';
import { models } from './attribution';
import { Credits } from './Credits';
import { Returns } from './Returns';
import { useAsked } from './useAsked';
import './attribution.css';

const windows = ['30', '90', '180', '365'];

function Filters({ returns, sold }: { returns: boolean; sold: boolean }) {
  const { t } = useTranslation();
  const { from, to, window, by, model, change } = useAsked();
  const period = t(sold ? 'attribution.won_in' : 'attribution.spent_in');
  const presets = spans(dayjs(useFormat().dayKey(new Date()))).map((span) => ({ label: t(span.label), value: span.value }));
  const choice = (label: string, value: string, options: { value: string; label: string }[], onChange: (next: string) => void) => (
    <span className="report-choice">
      <span className="t3 dense nowrap">{label}</span>
      <Select size="small" aria-label={label} value={value} options={options} popupMatchSelectWidth={false} onChange={onChange} />
    </span>
  );
  return (
    <div className="report-filters">
      <span className="report-choice">
        <span className="t3 dense nowrap">{period}</span>
        <DatePicker.RangePicker
          size="small" aria-label={period} allowClear={false} presets={presets} value={[dayjs(from), dayjs(to)]}
          onChange={(days) => change({ from: days?.[0]?.format('YYYY-MM-DD') ?? null, to: days?.[1]?.format('YYYY-MM-DD') ?? null })}
        />
      </span>
      {choice(t('performance.by'), by ?? (returns ? 'campaign' : 'channel'), [{ value: 'channel', label: t('attribution.by_channel') }, { value: 'campaign', label: t('attribution.by_campaign') }], (next) => change({ by: next, place: null }))}
      {sold && choice(t('attribution.window'), window, windows.map((days) => ({ value: days, label: t('attribution.days', { count: Number(days) }) })), (next) => change({ window: next }))}
      {sold && choice(t('attribution.model'), model, models.map((name) => ({ value: name, label: t(`attribution.model_${name}`) })), (next) => change({ model: next }))}
    </div>
  );
}

/** What won revenue came from, and what came of what was spent. */
export default function AttributionPage() {
  const { t } = useTranslation();
  const { returns: asked, change } = useAsked();
  const model = useModel();
  const priced = model.named('cost');
  const sold = !!model.named('opportunity');
  const returns = !!priced && (asked || !sold);
  const tab = (on: boolean, label: string, view: string | null) => <button type="button" className={on ? 'on' : ''} aria-pressed={on} onClick={() => change({ view, place: null })}>{label}</button>;
  return (
    <div className="page">
      <header className="page-head"><h1>{t('attribution.title')}</h1></header>
      {priced && sold && <div className="tabs report-tabs" role="group" aria-label={t('attribution.title')}>{tab(!returns, t('attribution.credits'), null)}{tab(returns, t('attribution.roi'), 'roi')}</div>}
      <Filters returns={returns} sold={sold} />
      {returns ? <Returns /> : <Credits />}
    </div>
  );
}
