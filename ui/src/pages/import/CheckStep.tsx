import { useDeferredValue, useState } from 'react';
import { Button, Select } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, useModel } from '@/api/meta';
import type { Entity } from '@/api/types';
import { candidatesOf, toldApart, type Candidate } from '@/field/references';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import {
  dirtKey, importKeys, standardDecision, usePreview, withDecision, withDecisions,
  type Decision, type Dirt, type ImportJob, type ImportPreview, type Verdict,
} from './imports';

const verdicts: Verdict[] = ['create', 'merge', 'refuse', 'skip'];
const tones: Record<Verdict, string> = { create: 'ok', merge: 'info', refuse: 'bad', skip: 'idle' };

function Counts({ preview }: { preview: ImportPreview }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <p className="answer">
      {t('import.rows_read', { count: preview.counts.rows, figure: format.count(preview.counts.rows) })}
      {verdicts.filter((verdict) => preview.counts[verdict] > 0).map((verdict) => (
        <span key={verdict}> {t(`import.count_${verdict}`)} <b className={verdict === 'refuse' ? 'bad' : ''}>{format.count(preview.counts[verdict])}</b></span>
      ))}
      {preview.counts.remarked > 0 && <span> {t('import.count_remarked')} <b className="warn">{format.count(preview.counts.remarked)}</b></span>}
    </p>
  );
}

/** Records of a type, for a value of the file to stand for one of them; asked while one chooses, and at once of namesakes. */
function useKnown(target: string | undefined, words: string | null): Candidate[] {
  const entity = useModel().named(target);
  const { data } = useQuery({ ...candidatesOf(entity, useDeferredValue(words?.trim() ?? '')), enabled: !!entity && words !== null });
  return toldApart(entity, data?.data ?? []);
}

const written = (decision: Decision) =>
  typeof decision === 'string' ? decision : 'id' in decision ? `id:${decision.id}` : decision.to === null ? 'empty' : `to:${decision.to}`;

function read(choice: string): Decision {
  if (choice === 'keep' || choice === 'create') return choice;
  if (choice.startsWith('id:')) return { id: choice.slice('id:'.length) };
  return { to: choice === 'empty' ? null : choice.slice('to:'.length) };
}

/** Whether a value left as it is keeps its rows out: what is nobody's owner has a rule of its own, an amount is an amount. */
const isRefused = (dirt: Dirt) => dirt.kind !== 'unknown' && dirt.field !== 'owner_id';

const isCreatable = (dirt: Dirt, type: string | undefined) => type === 'reference' && dirt.kind === 'missing' && dirt.field !== 'owner_id';

interface DirtProps {
  entity: Entity;
  dirt: Dirt;
  decision: Decision;
  onDecide: (decision: Decision) => void;
}

/** One value that is not clean, with what to make of it. */
function DirtRow({ entity, dirt, decision, onDecide }: DirtProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const field = fieldOf(entity, dirt.field);
  const [words, setWords] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Candidate | null>(null);
  const namesakes = dirt.kind === 'several' ? dirt.value : null;
  // A name of the file's own records: which of them is meant.
  const own = dirt.kind === 'several' && !field?.target;
  const there = useKnown(own ? entity.name : field?.target, words?.trim() ? words : (namesakes ?? words));
  const known = field?.type === 'option' ? (field.options ?? []).map(({ label }) => label) : [];
  const texts = [...new Set([...(dirt.suggestion !== null ? [dirt.suggestion] : []), ...known])];
  const records = chosen && !there.some(({ id }) => id === chosen.id) ? [chosen, ...there] : there;
  const options = [
    ...texts.map((to) => ({ value: `to:${to}`, label: t('import.as', { value: to }) })),
    ...records.map(({ id, label }) => ({ value: `id:${id}`, label: t(own ? 'import.as_one' : 'import.as', { value: label }) })),
    ...(isCreatable(dirt, field?.type) ? [{ value: 'create', label: t('import.as_new') }] : []),
    ...(own ? [] : [{ value: 'empty', label: t('import.as_empty') }]),
    { value: 'keep', label: t(isRefused(dirt) ? 'import.as_refused' : 'import.as_is') },
  ];
  const sought = (words ?? '').trim();
  const decide = (next: string) => {
    setChosen(records.find(({ id }) => next === `id:${id}`) ?? null);
    onDecide(read(next));
  };
  return (
    <tr>
      <td>{field?.label ?? dirt.field}</td>
      <td><b>{dirt.value}</b> <span className="t3 small-text">{t(`import.dirt_${dirt.kind}`)}</span></td>
      <td className="num">{format.count(dirt.rows)}</td>
      <td className="import-field">
        <Select
          aria-label={t('import.treat', { value: dirt.value })} size="small" className="full-width" popupMatchSelectWidth={false}
          value={written(decision)} options={options} onChange={decide}
          showSearch={{ onSearch: setWords, filterOption: (_, option) => !sought || String(option?.label ?? '').toLowerCase().includes(sought.toLowerCase()) }}
          onOpenChange={(open) => setWords(open ? '' : null)}
        />
      </td>
    </tr>
  );
}

function RowTable({ entity, preview }: { entity: Entity; preview: ImportPreview }) {
  const { t } = useTranslation();
  const fields = Object.keys(preview.rows[0]?.values ?? {});
  return (
    <TableScroll label={t('import.rows')}>
      <table className="plain-table">
        <thead>
          <tr>
            <th className="num">{t('import.line')}</th><th>{t('import.verdict')}</th>
            {fields.map((name) => <th key={name}>{fieldOf(entity, name)?.label ?? name}</th>)}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row) => (
            <tr key={row.line}>
              <td className="num t3">{row.line}</td>
              <td>
                <span className={`status ${tones[row.verdict]}`}>{t(`import.verdict_${row.verdict}`)}</span>
                {row.errors.map(({ code, message }) => <span key={code} className="bad small-text block">{message}</span>)}
                {row.remarks.map(({ code, message }) => <span key={code} className="warn small-text block">{message}</span>)}
              </td>
              {fields.map((name) => <td key={name} className="import-cell">{row.values[name] || <span className="t3">—</span>}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** What would become of each row, before anything is written. */
export function CheckStep({ job, entity, onBack }: { job: ImportJob; entity: Entity; onBack: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const { data: preview, error, refetch, isFetching } = usePreview(job.id, true);
  const [decisions, setDecisions] = useState<Record<string, Decision>>({});
  const decide = useMutation({
    mutationFn: () => api.put<ImportJob>(`/imports/${job.id}/mapping`, { mapping: withDecisions(job.plan.mapping, preview?.dirt ?? [], decisions) }),
    onSuccess: async (saved) => {
      client.setQueryData(importKeys.one(job.id), saved);
      await client.invalidateQueries({ queryKey: importKeys.preview(job.id) });
    },
  });
  // The counts are those of before: how many it will be is known when it is judged again.
  const treated = preview?.dirt.some((dirt) => (decisions[dirtKey(dirt)] ?? standardDecision(dirt)) !== 'keep') ?? false;
  const start = useMutation({
    mutationFn: async () => {
      if (treated) await decide.mutateAsync();
      return api.post<ImportJob>(`/imports/${job.id}/start`);
    },
    onSuccess: (started) => client.setQueryData(importKeys.one(job.id), started),
  });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!preview) return <><p className="t2">{t('import.judging')}</p><SkeletonRows /></>;
  const wanted = preview.counts.create + preview.counts.merge;
  return (
    <section className="import-part">
      <Counts preview={preview} />
      {preview.dirt.length > 0 && (
        <>
          <h2>{t('import.dirt')}</h2>
          <p className="t2 dense">{t('import.dirt_hint')}</p>
          <TableScroll label={t('import.dirt')}>
            <table className="plain-table">
              <thead><tr><th>{t('import.field')}</th><th>{t('import.value')}</th><th className="num">{t('import.row_count')}</th><th className="import-field">{t('import.meaning')}</th></tr></thead>
              <tbody>
                {preview.dirt.map((dirt) => (
                  <DirtRow
                    key={dirtKey(dirt)} entity={entity} dirt={dirt} decision={decisions[dirtKey(dirt)] ?? standardDecision(dirt)}
                    onDecide={(decision) => setDecisions((before) => withDecision(before, preview.dirt, dirt, decision))}
                  />
                ))}
              </tbody>
            </table>
          </TableScroll>
          <div className="row"><Button size="small" loading={decide.isPending || isFetching} onClick={() => decide.mutate()}>{t('import.judge_again')}</Button></div>
        </>
      )}
      <h2>{t('import.rows')}</h2>
      <RowTable entity={entity} preview={preview} />
      {(start.error ?? decide.error) && <ErrorNotice error={start.error ?? decide.error} />}
      <div className="row import-foot">
        <Button type="primary" disabled={wanted === 0 && !treated} loading={start.isPending} onClick={() => start.mutate()}>
          {treated ? t('import.start_so') : t('import.start', { count: wanted, figure: format.count(wanted) })}
        </Button>
        <Button type="text" onClick={onBack}>{t('action.back')}</Button>
        <span className="t3 small-text">{t('import.can_undo')}</span>
      </div>
    </section>
  );
}
