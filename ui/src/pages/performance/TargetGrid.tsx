import { useState, type ClipboardEvent, type KeyboardEvent } from 'react';
import { Button } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { message } from '@/app/say';
import { roundDecimal, type Formatter } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { Unsaved, UnsavedQuestion } from '@/part/Unsaved';
import { shortPeriod } from '@/sales/period';
import { changedCells, givenOf, pasted, plain, refusedCell, type Grid, type GridCell, type GridLine, type Typed } from './grid';

const measures = ['won_amount', 'won_count', 'leads_converted'] as const;
const kinds = ['month', 'quarter', 'year'] as const;

interface CellProps {
  line: GridLine;
  cell: GridCell;
  name: string;
  label: string;
  typed: string | undefined;
  wrong: boolean;
  onType: (text: string) => void;
  onPaste: (event: ClipboardEvent<HTMLInputElement>) => void;
}

/** Enter goes down, as in a spreadsheet. */
function goDown(event: KeyboardEvent<HTMLInputElement>) {
  const [row = 0, column = 0] = (event.currentTarget.dataset.cell ?? '').split(':').map(Number);
  const step = event.key === 'Enter' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (!step) return;
  event.preventDefault();
  document.querySelector<HTMLInputElement>(`[data-cell="${row + step}:${column}"]`)?.focus();
}

/** What only follows from other targets is shown without cents. */
const whole = (cell: GridCell, format: Formatter) => (plain(cell.value) ? format.decimal(roundDecimal(plain(cell.value), 0)) : '');

function Cell({ line, cell, name, label, typed, wrong, onType, onPaste }: CellProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const follows = cell.basis !== 'given' && cell.basis !== 'none';
  const exact = plain(cell.value) ? format.decimal(plain(cell.value)) : '';
  const derived = follows ? whole(cell, format) : '';
  const basis = follows ? `${exact} ${t(`performance.basis_${cell.basis}`)}` : undefined;
  if (!line.writable) return <span className={follows ? 't2 follows' : 't2'} title={basis}>{follows ? derived : exact}</span>;
  return (
    <input
      data-cell={name} aria-label={label} inputMode="decimal" aria-invalid={wrong || undefined}
      className={typed === undefined ? '' : 'typed'} value={typed ?? format.decimal(givenOf(cell))} placeholder={derived}
      title={basis}
      onChange={(event) => { if (/^[\d.,，\s]*$/.test(event.target.value)) onType(event.target.value); }} onKeyDown={goDown} onPaste={onPaste}
    />
  );
}

function useGrid() {
  const [search, setSearch] = useSearchParams();
  const today = useFormat().dayKey(new Date());
  const year = Number(search.get('year')) || Number(today.slice(0, 4));
  const measure = measures.find((name) => name === search.get('measure')) ?? 'won_amount';
  const kind = kinds.find((name) => name === search.get('kind')) ?? 'month';
  const set = (name: string, value: string) => setSearch((before) => { const next = new URLSearchParams(before); next.set(name, value); return next; }, { replace: true });
  const query = useQuery({ queryKey: ['targets', 'grid', year, measure, kind], queryFn: () => api.get<Grid>('/targets/grid', { year, measure, period: kind }) });
  return { year, measure, kind, set, query };
}

/** The targets of a year, set where they stand: for the company, departments, teams and people. */
export function TargetGrid() {
  const { t, i18n } = useTranslation();
  const language = i18n.language === 'en' ? 'en' : 'zh';
  const client = useQueryClient();
  const { year, measure, kind, set, query } = useGrid();
  const [typed, setTyped] = useState<Typed>({});
  const grid = query.data;
  const cells = grid ? changedCells(grid, typed) : [];
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => api.post('/targets/set', { measure, period: kind, cells }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['targets'] });
      await client.invalidateQueries({ queryKey: ['reports'] });
      setTyped({});
      message.info(t('performance.saved'));
    },
  });
  const [next, setNext] = useState<[string, string] | null>(null);
  const go = ([name, value]: [string, string]) => { setTyped({}); setNext(null); set(name, value); };
  const choose = (...step: [string, string]) => (cells.length > 0 ? setNext(step) : go(step));
  const wrong = grid && error instanceof ApiError ? refusedCell(grid, typed, (error.problem.errors ?? []).map(({ pointer }) => pointer)) : undefined;
  return (
    <>
      <Unsaved when={cells.length > 0} />
      <UnsavedQuestion open={next !== null} onStay={() => setNext(null)} onLeave={() => next && go(next)} />
      <div className="report-filters">
        <div className="segments flat" role="group" aria-label={t('performance.measure')}>
          {measures.map((name) => <button key={name} type="button" className={name === measure ? 'on' : ''} aria-pressed={name === measure} onClick={() => choose('measure', name)}>{t(`performance.measure_${name}`)}</button>)}
        </div>
        <div className="segments flat" role="group" aria-label={t('performance.period')}>
          {kinds.map((name) => <button key={name} type="button" className={name === kind ? 'on' : ''} aria-pressed={name === kind} onClick={() => choose('kind', name)}>{t(`performance.kind_${name}`)}</button>)}
        </div>
        <span className="period-step">
          <IconButton icon="left" small label={t('performance.earlier')} onClick={() => choose('year', String(year - 1))} />
          <b>{year}</b>
          <IconButton icon="right" small label={t('performance.later')} onClick={() => choose('year', String(year + 1))} />
        </span>
        <span className="grow" />
        {grid?.lines.some(({ writable }) => writable) && (
          <Button type="primary" size="small" disabled={cells.length === 0} loading={isPending} onClick={() => mutate()}>{cells.length ? t('performance.save_count', { count: cells.length }) : t('action.save')}</Button>
        )}
      </div>
      <div className="report-body">
        {(query.error ?? error) && <ErrorNotice error={query.error ?? error} onRetry={query.error ? () => void query.refetch() : undefined} />}
        {!grid && !query.error && <SkeletonRows />}
        {grid?.lines.length === 0 && <Empty title={t('performance.no_lines')} hint={t('performance.no_lines_hint')} />}
        {grid && grid.lines.length > 0 && (
          <>
            <p className="t2 dense">{t(grid.lines.some(({ writable }) => writable) ? 'performance.grid_hint' : 'performance.grid_hint_read')}</p>
            <TableScroll label={t('performance.targets')}>
              <table className="plain-table target-grid">
                <thead><tr><th>{t('performance.for')}</th>{grid.periods.map(({ code }) => <th key={code} className="num">{shortPeriod(code, language)}</th>)}</tr></thead>
                <tbody>
                  {grid.lines.map((line, row) => (
                    <tr key={`${line.subject}${line.id ?? ''}`} className={line.subject}>
                      <th scope="row">{line.title || t('performance.company')}<span className="t3 small-text"> {line.subject === 'person' ? '' : t(`performance.subject_${line.subject}`)}</span></th>
                      {line.cells.map((cell, column) => {
                        const name = `${row}:${column}`;
                        const code = grid.periods[column]?.code ?? '';
                        return (
                          <td key={code} className="num">
                            <Cell
                              line={line} cell={cell} name={name} label={`${line.title} ${code}`} typed={typed[name]} wrong={name === wrong}
                              onType={(text) => setTyped((before) => ({ ...before, [name]: text }))}
                              onPaste={(event) => {
                                const text = event.clipboardData.getData('text');
                                if (!/[\t\n]/.test(text)) return;
                                event.preventDefault();
                                setTyped((before) => ({ ...before, ...pasted(grid, row, column, text) }));
                              }}
                            />
                          </td>
                        );
                      })}
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableScroll>
          </>
        )}
      </div>
    </>
  );
}
