import type { Money } from '@/api/types';

export interface GridCell {
  basis: 'none' | 'given' | 'summed' | 'summed_in_part' | 'rolled_up' | 'shared';
  value: Money | number | null;
}

export interface GridLine {
  subject: 'person' | 'team' | 'department' | 'company';
  id: string | null;
  title: string;
  writable: boolean;
  cells: GridCell[];
}

export interface Grid {
  measure: string;
  currency: string;
  periods: { code: string; starts_on: string }[];
  lines: GridLine[];
}

/** What is typed and not yet saved, by "line:period". */
export type Typed = Record<string, string>;

export const plain = (value: Money | number | null): string =>
  (value === null ? '' : typeof value === 'number' ? String(value) : value.amount.replace(/\.00$/, ''));

const cleaned = (text: string): string => text.replace(/[,，\s¥$]/g, '');

/** What stands in a cell for itself; what only follows from other targets is shown behind it. */
export function givenOf(cell: GridCell): string {
  return cell.basis === 'given' ? plain(cell.value) : '';
}

function changed(grid: Grid, typed: Typed) {
  return Object.entries(typed).flatMap(([key, text]) => {
    const [row = 0, column = 0] = key.split(':').map(Number);
    const line = grid.lines[row];
    const cell = line?.cells[column];
    const period = grid.periods[column];
    const value = cleaned(text);
    if (!line || !cell || !period || value === givenOf(cell)) return [];
    const sent = value === '' ? null : grid.measure === 'won_amount' ? value : Number(value);
    return [{ key, cell: { subject: line.subject, id: line.id, starts_on: period.starts_on, value: sent } }];
  });
}

export const changedCells = (grid: Grid, typed: Typed) => changed(grid, typed).map(({ cell }) => cell);

/** Which of the cells sent is refused, as "line:period". */
export function refusedCell(grid: Grid, typed: Typed, pointers: string[]): string | undefined {
  const sent = pointers.map((pointer) => /^\/cells\/(\d+)/.exec(pointer)?.[1]).find(Boolean);
  return sent === undefined ? undefined : changed(grid, typed)[Number(sent)]?.key;
}

/** A block of a spreadsheet, put in from a cell on. */
export function pasted(grid: Grid, row: number, column: number, text: string): Typed {
  const block = text.replace(/\r/g, '').replace(/\n$/, '').split('\n').map((line) => line.split('\t'));
  const cells = block.flatMap((values, down) => values.map((value, right) => ({ value: cleaned(value), row: row + down, column: column + right })));
  return Object.fromEntries(cells
    .filter((cell) => grid.lines[cell.row]?.writable && grid.periods[cell.column])
    .map((cell) => [`${cell.row}:${cell.column}`, cell.value]));
}
