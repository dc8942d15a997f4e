import { DatePicker, Select } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useTranslation } from 'react-i18next';
import { useRecords } from '@/api/records';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import type { FunnelFilter, FunnelView } from './funnel';

interface Props {
  filter: FunnelFilter;
  view: FunnelView;
  onChange: (change: Partial<FunnelFilter>) => void;
}

function quarterOf(day: Dayjs): [Dayjs, Dayjs] {
  const start = day.month(Math.floor(day.month() / 3) * 3).startOf('month');
  return [start, start.add(2, 'month').endOf('month')];
}

const targets = { owner: 'user', department: 'department', team: 'team', product: 'product' };

function choicesOf(view: FunnelView): (keyof typeof targets)[] {
  if (view === 'leads') return ['owner', 'department', 'team'];
  return view === 'period' ? ['owner', 'department', 'team', 'product'] : ['owner', 'department', 'product'];
}

/** Which deals and leads are counted. */
export function FunnelFilters({ filter, view, onChange }: Props) {
  const { t } = useTranslation();
  const { data } = useRecords('pipelines', { limit: 50 });
  const choices = choicesOf(view);
  const today = dayjs();
  const presets = [
    { label: t('period.this_quarter'), value: quarterOf(today) },
    { label: t('period.last_quarter'), value: quarterOf(today.subtract(3, 'month')) },
    { label: t('period.this_year'), value: [today.startOf('year'), today.endOf('year')] as [Dayjs, Dayjs] },
    { label: t('period.last_year'), value: [today.subtract(1, 'year').startOf('year'), today.subtract(1, 'year').endOf('year')] as [Dayjs, Dayjs] },
  ];
  const day = (value: string | null) => (value ? dayjs(value) : null);
  return (
    <div className="funnel-filters">
      {view !== 'leads' && <Select
        size="small" aria-label={t('board.pipeline')} value={filter.pipeline ?? ''} popupMatchSelectWidth={false}
        options={[{ value: '', label: t('funnel.all_pipelines') }, ...(data?.data ?? []).map(({ id, name }) => ({ value: id, label: String(name) }))]}
        onChange={(pipeline) => onChange({ pipeline: pipeline || null })}
      />}
      <DatePicker.RangePicker
        size="small" aria-label={t('funnel.period')} allowEmpty={[true, true]} presets={presets} value={[day(filter.from), day(filter.to)]}
        placeholder={[t('funnel.from'), t('funnel.to')]}
        onChange={(days) => onChange({ from: days?.[0]?.format('YYYY-MM-DD') ?? null, to: days?.[1]?.format('YYYY-MM-DD') ?? null })}
      />
      {choices.map((name) => (
        <span className="funnel-choice" key={name}>
          <span className="t3 dense nowrap">{t(`funnel.${name}`)}</span>
          <ReferenceSelect target={targets[name]} label={t(`funnel.${name}`)} value={filter[name]} onChange={(id) => onChange({ [name]: id })} everything={t('inbox.all')} className="funnel-select" />
        </span>
      ))}
    </div>
  );
}
