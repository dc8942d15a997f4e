import type { ReactNode } from 'react';
import { Button, Switch } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { patchRecord, refreshRecords, useAllRecords } from '@/api/records';
import type { Condition, Entity, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { titleOf } from '@/field/references';
import { Empty } from '@/part/Empty';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { Sorted } from '@/part/Sorted';
import { movedTo, newPositions } from './automation';

interface Props {
  entity: Entity;
  none: string;
  noneHint: string;
  /** What a record says of itself under its name. */
  line: (record: RecordRow) => ReactNode;
  /** Makes one, or changes the one given. */
  drawer: (record: RecordRow | null, onClose: () => void) => ReactNode;
  /** Beside the button that makes one. */
  beside?: ReactNode;
  /** Only these, in an order of their own. */
  where?: Condition;
  /** What stays in the address while one is opened. */
  keep?: Record<string, string>;
}

/** Records whose order counts: switched on and off, moved, opened, put away. Which is open is in the address. */
export function OrderedRecords({ entity, none, noneHint, line, drawer, beside, where, keep }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [search, setSearch] = useSearchParams();
  const { plural } = entity;
  const { data, error, refetch } = useAllRecords(plural, { where, sort: 'position' });
  const failed = (failure: unknown) => message.error(errorText(failure));
  const refresh = () => refreshRecords(client, plural);
  const toggle = useMutation({ mutationFn: (record: RecordRow) => patchRecord(plural, record.id, record.version, { enabled: !record.enabled }), onError: failed, onSettled: refresh });
  const reorder = useMutation({
    mutationFn: async (records: RecordRow[]) => {
      for (const { rule, position } of newPositions(records)) await patchRecord(plural, rule.id, rule.version, { position });
    },
    onError: failed, onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: (record: RecordRow) => api.delete(`/${plural}/${record.id}`, { version: record.version }),
    onSuccess: (_, record) => offerUndo(t('settings.removed', { name: titleOf(entity, record) }), async () => { await api.post(`/${plural}/${record.id}/restore`); await refresh(); }),
    onError: failed, onSettled: refresh,
  });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows />;
  const records = reorder.isPending && reorder.variables ? reorder.variables : data.data;
  // The versions are known again only once the move before is over.
  const move = (from: number, to: number) => { if (!reorder.isPending) reorder.mutate(movedTo(records, from, to)); };
  const open = search.get('open');
  const opened = records.find(({ id }) => id === open);
  const add = entity.actions.create && <Button type="primary" onClick={() => setSearch({ ...keep, open: 'new' })}>{t('frame.create_one', { entity: entity.label })}</Button>;
  return (
    <>
      {records.length > 0 ? <div className="row wrap">{add}{beside}</div> : <Empty title={none} hint={noneHint}>{add}</Empty>}
      {records.length > 0 && <Sorted items={records} keyOf={({ id }) => id} nameOf={(record) => titleOf(entity, record)} movable={entity.actions.update} onMove={move}>
        {(record, index) => (
          <>
            <Switch size="small" checked={record.enabled === true} disabled={!entity.actions.update} aria-label={t('automation.enabled_of', { name: titleOf(entity, record) })} onChange={() => toggle.mutate(record)} />
            <span className="grow">
              <button type="button" className="link strong" onClick={() => setSearch({ ...keep, open: record.id })}>{titleOf(entity, record)}</button><br />
              <span className="t2 dense">{line(record)}</span>
            </span>
            <span className="row settings-verbs">
              <IconButton small icon="up" label={t('automation.up')} disabled={!entity.actions.update || index === 0 || reorder.isPending} onClick={() => move(index, index - 1)} />
              <IconButton small icon="down" label={t('automation.down')} disabled={!entity.actions.update || index === records.length - 1 || reorder.isPending} onClick={() => move(index, index + 1)} />
              <IconButton small icon="trash" label={t('action.delete')} disabled={!entity.actions.delete} onClick={() => remove.mutate(record)} />
            </span>
          </>
        )}
      </Sorted>}
      {(open === 'new' || opened) && drawer(opened ?? null, () => setSearch({ ...keep }))}
    </>
  );
}
