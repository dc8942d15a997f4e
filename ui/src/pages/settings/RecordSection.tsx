import { useDeferredValue, useState } from 'react';
import { Button, Input } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { refreshRecords, useRecordPages } from '@/api/records';
import type { Entity, Field, RecordRow } from '@/api/types';
import { useSize } from '@/app/preferences';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { titleOf } from '@/field/references';
import { FieldValue, isNumeric } from '@/field/FieldValue';
import { Empty } from '@/part/Empty';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { SettingDrawer } from './SettingDrawer';

const atOnce = 100;
const columnsShown = 6;
/** Fewer are seen at a glance. */
export const worthSearching = 12;

/** Taking a setting away, with the way back. */
export function useRemove(entity: Entity) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const refresh = async () => {
    await Promise.all([refreshRecords(client, entity.plural), client.invalidateQueries({ queryKey: ['meta'] })]);
  };
  return useMutation({
    mutationFn: (record: RecordRow) => api.delete(`/${entity.plural}/${record.id}`, { version: record.version }),
    onSuccess: async (_, record) => {
      await refresh();
      offerUndo(t('settings.removed', { name: titleOf(entity, record) }), async () => {
        await api.post(`/${entity.plural}/${record.id}/restore`);
        await refresh();
      });
    },
    onError: (error) => message.error(errorText(error)),
  });
}

/** What a setting is told apart by, its name aside. */
function shownFields(entity: Entity): Field[] {
  const plain = entity.fields.filter((field) => !field.system && field.type !== 'json' && field.type !== 'long_text' && field.name !== entity.title_field && field.name !== 'position');
  const listed = plain.filter((field) => field.listed);
  return (listed.length > 0 ? listed : plain).slice(0, columnsShown);
}

interface LineProps {
  entity: Entity;
  record: RecordRow;
  onOpen: () => void;
  onRemove: () => void;
}

function Name({ entity, record, onOpen }: Omit<LineProps, 'onRemove'>) {
  return <button type="button" className="link" onClick={onOpen}>{record._refs?.[entity.title_field]?.title ?? titleOf(entity, record)}</button>;
}

function Verbs({ entity, record, onOpen, onRemove }: LineProps) {
  const { t } = useTranslation();
  return (
    <span className="row settings-verbs">
      {entity.name === 'role' && <Link className="nowrap" to={`/settings/roles/${record.id}`}>{t('settings.rights')}</Link>}
      {entity.actions.update && <IconButton small icon="edit" label={t('action.edit')} onClick={onOpen} />}
      {entity.actions.delete && <IconButton small icon="trash" label={t('action.delete')} onClick={onRemove} />}
    </span>
  );
}

interface RowsProps {
  entity: Entity;
  fields: Field[];
  records: RecordRow[];
  onOpen: (record: RecordRow) => void;
  onRemove: (record: RecordRow) => void;
}

function Table({ entity, fields, records, onOpen, onRemove }: RowsProps) {
  const { t } = useTranslation();
  return (
    <TableScroll label={entity.label_plural}>
      <table className="plain-table settings-table">
        <thead>
          <tr>
            <th>{entity.fields.find(({ name }) => name === entity.title_field)?.label ?? entity.label}</th>
            {fields.map((field) => <th key={field.name} className={isNumeric(field) ? 'num' : undefined}>{field.label}</th>)}
            <th><span className="visually-hidden">{t('settings.verbs')}</span></th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => {
            const line = { entity, record, onOpen: () => onOpen(record), onRemove: () => onRemove(record) };
            return (
              <tr key={record.id}>
                <td><Name {...line} /></td>
                {fields.map((field) => <td key={field.name} className={isNumeric(field) ? 'num' : undefined}><FieldValue dense field={field} record={record} /></td>)}
                <td><Verbs {...line} /></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** On a phone: the name, and under it what the table has in its columns. */
function Lines({ entity, fields, records, onOpen, onRemove }: RowsProps) {
  return (
    <ul className="settings-cards" aria-label={entity.label_plural}>
      {records.map((record) => {
        const line = { entity, record, onOpen: () => onOpen(record), onRemove: () => onRemove(record) };
        const filled = fields.filter(({ name }) => record[name] !== null && record[name] !== undefined && record[name] !== '');
        return (
          <li key={record.id} className="row">
            <div className="grow">
              <b><Name {...line} /></b>
              <dl className="dense">{filled.map((field) => <div key={field.name}><dt className="t3">{field.label}</dt><dd><FieldValue dense field={field} record={record} /></dd></div>)}</dl>
            </div>
            <Verbs {...line} />
          </li>
        );
      })}
    </ul>
  );
}

/** The records of a setting; each opens to be changed. */
export function RecordSection({ entity, hint }: { entity: Entity; /** What they are for, while there are none. */ hint?: string }) {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  const [words, setWords] = useState('');
  const [open, setOpen] = useState<RecordRow | 'new' | null>(null);
  const title = entity.fields.find(({ name }) => name === entity.title_field);
  const sought = useDeferredValue(words.trim());
  const where = sought ? { field: entity.title_field, op: 'contains', value: sought } as const : null;
  const has = (field: string) => entity.fields.some(({ name }) => name === field);
  const sort = has('position') ? 'position' : has('first_date') ? '-first_date' : entity.title_field;
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useRecordPages(entity.plural, { where, sort, limit: atOnce });
  const remove = useRemove(entity);
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows />;
  const records = data.pages.flatMap((page) => page.data);
  const add = entity.actions.create && <Button type="primary" onClick={() => setOpen('new')}>{t('frame.create_one', { entity: entity.label })}</Button>;
  const Rows = phone ? Lines : Table;
  const none = records.length === 0;
  return (
    <>
      {none && !sought ? <Empty title={t('settings.none_yet', { entity: entity.label })} hint={hint}>{add}</Empty> : (
        <div className="row wrap">
          {add}
          {(sought || hasNextPage || records.length > worthSearching) && title?.type === 'text' && (
            <Input
              className="settings-find" allowClear prefix={<Icon name="search" size={14} />} value={words} onChange={(event) => setWords(event.target.value)}
              aria-label={t('settings.find', { field: title.label })} placeholder={t('settings.find', { field: title.label })}
            />
          )}
        </div>
      )}
      {none && sought && <p className="t2" role="status">{t('settings.found_none', { words: sought })}</p>}
      {!none && <Rows entity={entity} fields={shownFields(entity)} records={records} onOpen={setOpen} onRemove={remove.mutate} />}
      {hasNextPage && <div><Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('settings.more')}</Button></div>}
      {open && <SettingDrawer key={open === 'new' ? 'new' : open.id} entity={entity} record={open === 'new' ? null : open} onClose={() => setOpen(null)} onMade={entity.name === 'user' ? setOpen : undefined} />}
    </>
  );
}
