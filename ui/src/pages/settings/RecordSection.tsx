import { useState } from 'react';
import { Button } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { refreshRecords, useRecords } from '@/api/records';
import type { Entity, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { titleOf } from '@/field/references';
import { FieldValue, isNumeric } from '@/field/FieldValue';
import { Empty } from '@/part/Empty';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { SettingDrawer } from './SettingDrawer';

const most = 200;
const columnsShown = 6;

/** Taking a setting away, with the way back. */
function useRemove(entity: Entity) {
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

/** The records of a setting as a table; each opens to be changed. */
export function RecordSection({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const sort = entity.fields.some(({ name }) => name === 'position') ? 'position' : entity.title_field;
  const { data, error, refetch } = useRecords(entity.plural, { sort, limit: most });
  const [open, setOpen] = useState<RecordRow | 'new' | null>(null);
  const remove = useRemove(entity);
  const fields = entity.fields.filter((field) => !field.system && field.type !== 'json' && field.type !== 'long_text' && field.name !== entity.title_field).slice(0, columnsShown);
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows />;
  const add = entity.actions.create && <Button type="primary" onClick={() => setOpen('new')}>{t('frame.create_one', { entity: entity.label })}</Button>;
  return (
    <>
      {data.data.length > 0 ? <div className="row">{add}</div> : <Empty title={t('settings.none_yet', { entity: entity.label })}>{add}</Empty>}
      {data.data.length > 0 && (
        <div className="table-scroll" role="region" aria-label={entity.label_plural} tabIndex={0}>
          <table className="plain-table settings-table">
            <thead>
              <tr>
                <th>{entity.fields.find(({ name }) => name === entity.title_field)?.label ?? entity.label}</th>
                {fields.map((field) => <th key={field.name} className={isNumeric(field) ? 'num' : undefined}>{field.label}</th>)}
                <th><span className="visually-hidden">{t('settings.verbs')}</span></th>
              </tr>
            </thead>
            <tbody>
              {data.data.map((record) => (
                <tr key={record.id}>
                  <td><button type="button" className="link" onClick={() => setOpen(record)}>{record._refs?.[entity.title_field]?.title ?? titleOf(entity, record)}</button></td>
                  {fields.map((field) => <td key={field.name} className={isNumeric(field) ? 'num' : undefined}><FieldValue dense field={field} record={record} /></td>)}
                  <td>
                    <span className="row settings-verbs">
                      {entity.name === 'role' && <Link className="nowrap" to={`/settings/roles/${record.id}`}>{t('settings.rights')}</Link>}
                      {entity.actions.update && <IconButton small icon="edit" label={t('action.edit')} onClick={() => setOpen(record)} />}
                      {entity.actions.delete && <IconButton small icon="trash" label={t('action.delete')} onClick={() => remove.mutate(record)} />}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open && <SettingDrawer key={open === 'new' ? 'new' : open.id} entity={entity} record={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </>
  );
}
