import { lazy, Suspense, useCallback, useEffect, useMemo } from 'react';
import { useNavigate } from 'react-router';
import { recordPath } from '@/api/meta';
import { useRecordPages } from '@/api/records';
import type { Entity, RecordRow } from '@/api/types';
import { useSize } from '@/app/preferences';
import { viewForms, type ViewForm } from '@/app/registry';
import { ConditionChips } from '@/condition/ConditionChips';
import { useChangedRecords } from '@/live/useLive';
import { ErrorNotice } from '@/part/ErrorNotice';
import { useHotkeys } from '@/part/hotkeys';
import { SkeletonRows } from '@/part/Skeleton';
import { BulkBar } from './BulkBar';
import { CardList } from './CardList';
import { readFields } from './columns';
import { ListFoot } from './ListFoot';
import { ListHead } from './ListHead';
import { NothingFound } from './NothingFound';
import { RecordTable } from './RecordTable';
import { useListState, useSavedViews, type ListState } from './useListState';
import { useSelection } from './useSelection';
import { ViewBar } from './ViewBar';
import { ViewTools } from './ViewTools';

const pageSize = 100;
const loaded = new Map<string, ReturnType<typeof lazy<Awaited<ReturnType<ViewForm['load']>>['default']>>>();

/** The component of another form of view, made lazy once. */
function formComponent(form: ViewForm) {
  const found = loaded.get(form.name) ?? lazy(form.load);
  loaded.set(form.name, found);
  return found;
}

function OtherForm({ entity, state, form }: { entity: Entity; state: ListState; form: ViewForm }) {
  const Form = formComponent(form);
  return (
    <div className="grow-y">
      <Suspense fallback={<SkeletonRows />}>
        <Form entity={entity} where={state.where} sort={state.sort} onWhere={(where) => state.set({ where })} />
      </Suspense>
    </div>
  );
}

function TableForm({ entity, state }: { entity: Entity; state: ListState }) {

  const navigate = useNavigate();
  const phone = useSize() === 'phone';
  const selection = useSelection();
  const changed = useChangedRecords();
  const read = useMemo(() => readFields(entity, state.columns), [entity, state.columns]);
  const list = { where: state.where, sort: state.sort, deleted: state.trash, limit: pageSize, count: true, ...read };
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useRecordPages(entity.plural, list);
  const rows = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  const total = data?.pages[0]?.total;
  const filter = JSON.stringify([state.where, state.trash]);
  const { clear } = selection;
  useEffect(() => clear(), [filter, clear]);
  useHotkeys({ escape: clear });

  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  const onOpen = (record: RecordRow) => void navigate(recordPath(entity, record.id));

  return (
    <>
      {error && <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>}
      <div className="list-body">
        {isPending && <SkeletonRows count={14} />}
        {!isPending && rows.length === 0 && !error && <NothingFound entity={entity} state={state} />}
        {rows.length > 0 && (phone ? (
          <CardList entity={entity} columns={state.columns} rows={rows} changed={changed} onEnd={onEnd} />
        ) : (
          <RecordTable
            entity={entity} columns={state.columns} rows={rows} sort={state.sort} changed={changed} selection={selection}
            onSort={(sort) => state.set({ sort })} onColumns={(columns) => state.set({ columns })}
            onOpen={onOpen} onEnd={onEnd} readOnly={state.trash || !entity.actions.update}
          />
        ))}
        <BulkBar entity={entity} state={state} selection={selection} total={total} />
      </div>
      {!phone && <ListFoot total={total} shown={rows.length} />}
    </>
  );
}

/** A list: views as tabs, conditions as chips, then the table or another form of it. */
export function RecordList({ entity }: { entity: Entity }) {
  const { data: saved } = useSavedViews(entity);
  const state = useListState(entity, saved);
  const forms = viewForms.filter((form) => form.allows(entity));
  const form = forms.find((candidate) => candidate.name === state.form);
  return (
    <div className="page list-page">
      <ListHead entity={entity} state={state} />
      {!state.trash && <ViewBar entity={entity} state={state} saved={saved ?? []} forms={forms} />}
      <div className="filter-bar">
        <ConditionChips key={state.view} entity={entity} value={state.where} onChange={(where) => state.set({ where })} />
        <span className="grow" />
        <ViewTools entity={entity} state={state} saved={saved ?? []} />
      </div>
      {form && !state.trash ? <OtherForm entity={entity} state={state} form={form} /> : <TableForm entity={entity} state={state} />}
    </div>
  );
}
