import { useState } from 'react';
import { Button, Select } from 'antd';
import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Entity } from '@/api/types';
import { ErrorNotice } from '@/part/ErrorNotice';
import { importableFields, importKeys, missingFields, unknownOwners, usePreview, type ImportColumn, type ImportJob, type ImportUpload, type UnknownOwner } from './imports';

/** The first values of each column: as uploaded, or from the preview when the page was opened later. */
function useSamples(job: ImportJob): (column: ImportColumn) => string[] {
  const { data: uploaded } = useQuery<ImportUpload>({ queryKey: importKeys.upload(job.id), queryFn: skipToken, gcTime: Infinity });
  const { data: preview } = usePreview(job.id, !uploaded);
  return (column) => {
    if (uploaded) return uploaded.columns[column.column]?.sample ?? [];
    const field = job.plan.mapping[column.column]?.field;
    return field ? (preview?.rows ?? []).map(({ values }) => values[field] ?? '') : [];
  };
}

/** What becomes of rows whose owner the company does not know. */
function OwnerRule({ column, onChoose }: { column: ImportColumn; onChoose: (rule: UnknownOwner) => void }) {
  const { t } = useTranslation();
  const label = t('import.unknown_owner');
  return (
    <label className="block small-text t2">
      {label}
      <Select
        aria-label={label} className="full-width" size="small" value={column.rules?.unknown_owner ?? 'importer'}
        options={unknownOwners.map((value) => ({ value, label: t(`import.unknown_owner_${value}`) }))} onChange={onChoose}
      />
    </label>
  );
}

/** Which column fills which field; what was guessed can be changed, what is not wanted left out. */
export function ColumnStep({ job, entity, onDone }: { job: ImportJob; entity: Entity; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const samples = useSamples(job);
  const [mapping, setMapping] = useState(job.plan.mapping);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => api.put<ImportJob>(`/imports/${job.id}/mapping`, { mapping }),
    onSuccess: (saved) => {
      client.setQueryData(importKeys.one(job.id), saved);
      client.removeQueries({ queryKey: importKeys.preview(job.id) });
      onDone();
    },
  });
  const used = new Map(mapping.flatMap(({ field, column }) => (field ? [[field, column] as const] : [])));
  const choose = (column: number, field: string | null) =>
    setMapping(mapping.map((one) => (one.column === column ? { ...one, field } : one.field !== null && one.field === field ? { ...one, field: null } : one)));
  const treat = (column: number, unknown_owner: UnknownOwner) =>
    setMapping(mapping.map((one) => (one.column === column ? { ...one, rules: { ...one.rules, unknown_owner } } : one)));
  const options = importableFields(entity).map((field) => ({ value: field.name, label: field.label }));
  const missing = missingFields(entity, mapping);
  return (
    <section className="import-part">
      <p className="t2">{t('import.columns_hint', { count: mapping.length, guessed: job.plan.mapping.filter(({ field }) => field).length })}</p>
      <div className="table-scroll" role="region" aria-label={t('import.step_columns')} tabIndex={0}>
        <table className="plain-table">
          <thead><tr><th>{t('import.column')}</th><th>{t('import.samples')}</th><th className="import-field">{t('import.field')}</th></tr></thead>
          <tbody>
            {mapping.map((column) => (
              <tr key={column.column} className={column.field ? '' : 'left-out'}>
                <td><b>{column.header || t('import.column_number', { number: column.column + 1 })}</b></td>
                <td className="t2 import-samples">{[...new Set(samples(column).filter(Boolean))].slice(0, 3).join('、') || '—'}</td>
                <td>
                  <Select
                    aria-label={t('import.field_for', { column: column.header })} className="full-width" size="small" allowClear showSearch={{ optionFilterProp: 'label' }}
                    value={column.field ?? undefined} placeholder={t('import.leave_out')} popupMatchSelectWidth={false}
                    options={options.map((option) => ({ ...option, label: used.has(option.value) && used.get(option.value) !== column.column ? t('import.used', { field: option.label }) : option.label }))}
                    onChange={(field: string | undefined) => choose(column.column, field ?? null)}
                  />
                  {column.field === 'owner_id' && <OwnerRule column={column} onChoose={(rule) => treat(column.column, rule)} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {used.size === 0 && <p className="notice warn"><b>{t('import.no_column', { headers: mapping.map(({ header }) => header).join('、') })}</b></p>}
      {used.size > 0 && missing.length > 0 && <p className="notice warn"><b>{t('import.missing', { fields: missing.map(({ label }) => label).join('、') })}</b></p>}
      {error && <ErrorNotice error={error} />}
      <div className="row">
        <Button type="primary" loading={isPending} disabled={used.size === 0} onClick={() => mutate()}>{t('import.to_check')}</Button>
      </div>
    </section>
  );
}
