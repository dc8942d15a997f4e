import { DatePicker, Select } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import { useAllRecords } from '@/api/records';
import { nameIn } from '@/field/references';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { spans } from '@/sales/period';
import { useFormat } from '@/format/useFormat';
import type { FunnelFilter } from './funnel';

interface Props {
  filter: FunnelFilter;
  onChange: (change: Partial<FunnelFilter>) => void;
}

const targets = { owner: 'user', department: 'department', team: 'team', product: 'product' } as const;
const choices = ['owner', 'department', 'team', 'product'] as const;

interface Values {
  sources: string[];
  regions: string[];
}

/** A source or a region, of those there are. */
function ValueChoice({ label, values, value, onChange }: { label: string; values: string[] | undefined; value: string | null; onChange: (value: string | null) => void }) {
  const { t } = useTranslation();
  const all = value && !values?.includes(value) ? [value, ...(values ?? [])] : values ?? [];
  return (
    <span className="funnel-choice">
      <span className="t3 dense nowrap">{label}</span>
      <Select
        size="small" className="funnel-select" aria-label={label} value={value ?? ''} showSearch={{ optionFilterProp: 'label' }} popupMatchSelectWidth={false}
        options={[{ value: '', label: t('inbox.all') }, ...all.map((one) => ({ value: one, label: one }))]} onChange={(next: string) => onChange(next || null)}
      />
    </span>
  );
}

/** Which deals and leads are counted. */
export function FunnelFilters({ filter, onChange }: Props) {
  const { t, i18n } = useTranslation();
  const { data } = useAllRecords('pipelines', { sort: 'name' });
  const { data: values } = useQuery({ queryKey: ['reports', 'funnel', 'choices'], queryFn: () => api.get<Values>('/reports/funnel/choices'), staleTime: 300_000 });
  const presets = spans(dayjs(useFormat().dayKey(new Date()))).map(({ label, value }) => ({ label: t(label), value }));
  const day = (value: string | null) => (value ? dayjs(value) : null);
  return (
    <div className="funnel-filters">
      <Select
        size="small" aria-label={t('board.pipeline')} value={filter.pipeline ?? ''} popupMatchSelectWidth={false}
        options={[{ value: '', label: t('funnel.all_pipelines') }, ...(data?.data ?? []).map((pipeline) => ({ value: pipeline.id, label: nameIn(pipeline, i18n.language) }))]}
        onChange={(pipeline) => onChange({ pipeline: pipeline || null })}
      />
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
      <ValueChoice label={t('funnel.source')} values={values?.sources} value={filter.source} onChange={(source) => onChange({ source })} />
      <ValueChoice label={t('funnel.region')} values={values?.regions} value={filter.region} onChange={(region) => onChange({ region })} />
    </div>
  );
}
