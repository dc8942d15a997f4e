import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { useQuery } from '@tanstack/react-query';
import { readAll, recordKeys } from '@/api/records';
import type { Condition, Entity, SavedView, ViewDefinition } from '@/api/types';
import { defaultColumns } from './columns';

export const allView = 'all';
export const mineView = 'mine';

export function useSavedViews(entity: Entity) {
  return useQuery({
    queryKey: [...recordKeys.list('saved_views', { entity: entity.name })],
    queryFn: () => readAll('saved_views', { where: { field: 'entity_name', op: 'eq', value: entity.name } }),
    select: (page) => (page.data as SavedView[]).toSorted((a, b) => Number(b.pinned) - Number(a.pinned)),
  });
}

/** The state of a list: all of it is in the address, what is not there comes from the view. */
export interface ListState {
  view: string;
  where: Condition | null;
  sort: string;
  columns: string[];
  form: string;
  trash: boolean;
  /** Differs from the view it began with. */
  changed: boolean;
  definition: ViewDefinition;
  set: (change: Partial<{ where: Condition | null; sort: string; columns: string[]; form: string }>) => void;
  openView: (id: string) => void;
  reset: () => void;
  setTrash: (trash: boolean) => void;
}

function parse(text: string | null): Condition | null | undefined {
  if (text === null) return undefined;
  if (text === '') return null;
  try {
    return JSON.parse(text) as Condition;
  } catch {
    return undefined;
  }
}

function definitionOf(view: string, saved: SavedView[] | undefined): ViewDefinition {
  if (view === mineView) return { where: { field: 'owner_id', op: 'is_me' } };
  return saved?.find((candidate) => candidate.id === view)?.definition ?? {};
}

function defaultSort(entity: Entity): string {
  return entity.fields.some((field) => field.name === 'created_at') ? '-created_at' : entity.title_field;
}

export function useListState(entity: Entity, saved: SavedView[] | undefined): ListState {
  const [search, setSearch] = useSearchParams();
  const view = search.get('view') ?? allView;
  const definition = useMemo(() => definitionOf(view, saved), [view, saved]);
  const whereText = search.get('where');
  const where = useMemo(() => parse(whereText) ?? (parse(whereText) === null ? null : definition.where ?? null), [whereText, definition]);
  const columnsText = search.get('columns');
  const columns = useMemo(
    () => columnsText?.split(',') ?? definition.columns ?? defaultColumns(entity), [columnsText, definition, entity],
  );

  const set: ListState['set'] = useCallback((change) => {
    setSearch((before) => {
      const next = new URLSearchParams(before);
      if ('where' in change) next.set('where', change.where ? JSON.stringify(change.where) : '');
      if (change.sort) next.set('sort', change.sort);
      if (change.columns) next.set('columns', change.columns.join(','));
      if (change.form) next.set('form', change.form);
      return next;
    });
  }, [setSearch]);
  const openView = useCallback((id: string) => setSearch(id === allView ? {} : { view: id }), [setSearch]);
  const reset = useCallback(() => openView(view), [openView, view]);
  const setTrash = useCallback((trash: boolean) => setSearch(trash ? { trash: '1' } : {}), [setSearch]);

  return {
    view, where, columns, definition,
    sort: search.get('sort') ?? definition.sort ?? defaultSort(entity),
    form: search.get('form') ?? definition.form ?? 'table',
    trash: search.get('trash') === '1',
    changed: ['where', 'sort', 'columns', 'form'].some((key) => search.has(key)),
    set, openView, reset, setTrash,
  };
}
