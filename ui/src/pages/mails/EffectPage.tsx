import { Select } from 'antd';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { EffectTable } from './EffectTable';

const periods = [30, 90, 180, 365];
const windows = [7, 14, 30, 90];

/** What followed each mail, whichever way it went out. */
export function EffectPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const chosen = (name: string, list: number[], fallback: number) => list.find((one) => String(one) === search.get(name)) ?? fallback;
  const asked = { days: chosen('days', periods, 180), within: chosen('within', windows, 30) };
  const choose = (name: string) => (value: number) => setSearch((before) => { const after = new URLSearchParams(before); after.set(name, String(value)); return after; }, { replace: true });
  return (
    <div className="page">
      <header className="page-head"><Link to="/mails" className="t2">{t('mails.title')}</Link><span className="t3">/</span><h1>{t('mails.effects')}</h1></header>
      <div className="pad-page scroll-y">
        <div className="row wrap mail-reasons">
          <Select aria-label={t('mails.effect_period')} value={asked.days} popupMatchSelectWidth={false} onChange={choose('days')} options={periods.map((value) => ({ value, label: t('mails.effect_days', { days: value }) }))} />
          <Select aria-label={t('mails.effect_window')} value={asked.within} popupMatchSelectWidth={false} onChange={choose('within')} options={windows.map((value) => ({ value, label: t('mails.effect_within', { days: value }) }))} />
        </div>
        <EffectTable asked={asked} />
      </div>
    </div>
  );
}
