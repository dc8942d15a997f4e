import { useState } from 'react';
import { Button, Select } from 'antd';
import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useSession } from '@/api/session';
import type { Entity } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { TableScroll } from '@/part/TableScroll';
import { bringsTags, chooseSheet, isAboutSomething, subjectField, subjectWays, importableFields, importKeys, isDoubtfulDate, missingFields, unknownOwners, usePreview, type ImportColumn, type ImportJob, type ImportRules, type ImportUpload, type UnknownOwner } from './imports';

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

const currencies = ['CNY', 'USD', 'EUR', 'HKD', 'JPY', 'GBP', 'SGD', 'TWD', 'KRW'];
const scales = [1, 1000, 10_000, 1_000_000, 100_000_000];

/** Fields several columns may fill together: a city beside its province, notes beside what was asked. */
const joined = new Set(['text', 'long_text', 'phone', 'region']);

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

/** Whether 03/05/2026 is March or May. */
function DateRule({ column, onChoose }: { column: ImportColumn; onChoose: (day_first: boolean) => void }) {
  const { t } = useTranslation();
  const label = t('import.date_order');
  return (
    <label className="block small-text t2">
      {label}
      <Select
        aria-label={label} className="full-width" size="small" value={column.rules?.day_first ?? false}
        options={[false, true].map((value) => ({ value, label: t(value ? 'import.day_first' : 'import.month_first') }))} onChange={onChoose}
      />
    </label>
  );
}

/** In which money a column is written, and whether 3 stands for three thousand or three million. */
function MoneyRule({ column, onChoose }: { column: ImportColumn; onChoose: (rules: ImportRules) => void }) {
  const { t } = useTranslation();
  const { company } = useSession();
  const format = useFormat();
  const currency = column.rules?.currency || company.currency;
  return (
    <span className="row import-money">
      <Select
        aria-label={t('import.currency')} size="small" popupMatchSelectWidth={false} showSearch value={currency}
        options={[...new Set([company.currency, currency, ...currencies])].map((value) => ({ value, label: value }))} onChange={(value: string) => onChoose({ currency: value })}
      />
      <Select
        aria-label={t('import.scale')} size="small" className="grow" popupMatchSelectWidth={false} value={column.rules?.scale ?? 1}
        options={scales.map((value) => ({ value, label: value === 1 ? t('import.scale_one') : t('import.scale_of', { figure: format.count(value) }) }))} onChange={(scale: number) => onChoose({ scale })}
      />
    </span>
  );
}

/** The sheets of a workbook, when there are several. */
function SheetChoice({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: looked } = useQuery<ImportUpload>({ queryKey: importKeys.upload(job.id), queryFn: skipToken, gcTime: Infinity });
  const { mutate, isPending, error } = useMutation({ mutationFn: (sheet: string) => chooseSheet(client, job.id, sheet) });
  const label = t('import.sheet');
  if (!looked || looked.sheets.length < 2) return job.sheet ? <p className="t2">{label} <b>{job.sheet}</b></p> : null;
  return (
    <>
      <label className="row wrap">
        <span className="t2">{label}</span>
        <Select
          aria-label={label} className="import-type" popupMatchSelectWidth={false} loading={isPending} value={looked.sheet}
          options={looked.sheets.map((sheet) => ({ value: sheet, label: sheet }))} onChange={(sheet) => mutate(sheet)}
        />
      </label>
      {error && <ErrorNotice error={error} />}
    </>
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
  const together = new Set(entity.fields.filter(({ type }) => joined.has(type)).map(({ name }) => name));
  const choose = (column: number, field: string | null) =>
    setMapping(mapping.map((one) => (one.column === column ? { ...one, field } : one.field !== null && one.field === field && !together.has(field) ? { ...one, field: null } : one)));
  const treat = (column: number, rules: ImportRules) =>
    setMapping(mapping.map((one) => (one.column === column ? { ...one, rules: { ...one.rules, ...rules } } : one)));
  const isDate = (name: string | null) => entity.fields.some((field) => field.name === name && (field.type === 'date' || field.type === 'instant'));
  const options = [
    ...importableFields(entity).map((field) => ({ value: field.name, label: isAboutSomething(entity) && field.name === subjectField ? t('import.about_any') : field.label })),
    ...(isAboutSomething(entity) ? subjectWays.map((way) => ({ value: `${subjectField}.${way}`, label: t(`import.about_${way}`) })) : []),
    ...(bringsTags(entity) ? [{ value: 'tags', label: t('import.tags') }] : []),
  ];
  const missing = missingFields(entity, mapping);
  return (
    <section className="import-part">
      <SheetChoice job={job} />
      <p className="t2">{t('import.columns_hint', { count: mapping.length, guessed: job.plan.mapping.filter(({ field }) => field).length })}</p>
      <TableScroll label={t('import.step_columns')}>
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
                    options={options.map((option) => ({ ...option, label: used.has(option.value) && used.get(option.value) !== column.column && !together.has(option.value) ? t('import.used', { field: option.label }) : option.label }))}
                    onChange={(field: string | undefined) => choose(column.column, field ?? null)}
                  />
                  {column.field === 'owner_id' && <OwnerRule column={column} onChoose={(unknown_owner) => treat(column.column, { unknown_owner })} />}
                  {entity.fields.some(({ name, type }) => name === column.field && type === 'money') && <MoneyRule column={column} onChoose={(rules) => treat(column.column, rules)} />}
                  {isDate(column.field) && (column.rules?.day_first || samples(column).some(isDoubtfulDate)) && (
                    <DateRule column={column} onChoose={(day_first) => treat(column.column, { day_first })} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      {used.size === 0 && <p className="notice warn"><b>{t('import.no_column', { headers: mapping.map(({ header }) => header).join('、') })}</b></p>}
      {used.size > 0 && missing.length > 0 && <p className="notice warn"><b>{t('import.missing', { fields: missing.map(({ label }) => label).join('、') })}</b></p>}
      {error && <ErrorNotice error={error} />}
      <div className="row">
        <Button type="primary" loading={isPending} disabled={used.size === 0} onClick={() => mutate()}>{t('import.to_check')}</Button>
      </div>
    </section>
  );
}
