import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { useQuery } from '@tanstack/react-query';
import { readAll, recordKeys } from '@/api/records';
import type { Condition, Entity, SavedView, ViewDefinition } from '@/api/types';
import { viewForms } from '@/app/registry';
import { defaultColumns } from './columns';
import { builtInViews, type BuiltInView } from './views';

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
  /** Without one: the view the list begins with. */
  openView: (id?: string) => void;
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

function definitionOf(view: string, builtIn: BuiltInView[], saved: SavedView[] | undefined, apart: boolean): ViewDefinition {
  const found = builtIn.find(({ id }) => id === view);
  return found ? { where: (apart && found.whole !== undefined ? found.whole : found.where) ?? null } : saved?.find(({ id }) => id === view)?.definition ?? {};
}

function defaultSort(entity: Entity): string {
  return entity.fields.some((field) => field.name === 'created_at') ? '-created_at' : entity.title_field;
}

export function useListState(entity: Entity, saved: SavedView[] | undefined): ListState {
  const [search, setSearch] = useSearchParams();
  const trash = search.get('trash') === '1';
  const builtIn = useMemo(() => builtInViews(entity), [entity]);
  const usual = builtIn[0]?.id ?? 'all';
  // An address that says what is looked for begins with all there is.
  const view = search.get('view') ?? (search.has('where') || trash ? 'all' : usual);
  const apart = viewForms.some(({ name, endedApart }) => endedApart && name === search.get('form'));
  const definition = useMemo(() => definitionOf(view, builtIn, saved, apart), [view, builtIn, saved, apart]);
  const whereText = search.get('where');
  const where = useMemo(() => parse(whereText) ?? (parse(whereText) === null ? null : definition.where ?? null), [whereText, definition]);
  const columnsText = search.get('columns');
  const columns = useMemo(
    () => columnsText?.split(',') ?? definition.columns ?? defaultColumns(entity), [columnsText, definition, entity],
  );

  const set: ListState['set'] = useCallback((change) => {
    setSearch((before) => {
      const next = new URLSearchParams(before);
      if (view !== 'all') next.set('view', view);
      if ('where' in change) next.set('where', change.where ? JSON.stringify(change.where) : '');
      if (change.sort) next.set('sort', change.sort);
      if (change.columns) next.set('columns', change.columns.join(','));
      if (change.form) next.set('form', change.form);
      return next;
    });
  }, [setSearch, view]);
  const openView = useCallback((id?: string) => setSearch(!id || id === usual ? {} : { view: id }), [setSearch, usual]);
  const reset = useCallback(() => openView(view), [openView, view]);
  const setTrash = useCallback((trash: boolean) => setSearch(trash ? { trash: '1' } : {}), [setSearch]);

  return {
    view, where, columns, definition,
    sort: search.get('sort') ?? definition.sort ?? defaultSort(entity),
    form: search.get('form') ?? definition.form ?? 'table',
    trash,
    changed: ['where', 'sort', 'columns', 'form'].some((key) => search.has(key)),
    set, openView, reset, setTrash,
  };
}
