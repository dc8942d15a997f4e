import { useState } from 'react';
import { Button, Checkbox, Dropdown, Form, Input, Popover } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { patchRecord, refreshRecords } from '@/api/records';
import { useSession } from '@/api/session';
import type { Entity, SavedView, ViewDefinition } from '@/api/types';
import { useSize } from '@/app/preferences';
import { message } from '@/app/say';
import { Dialog } from '@/part/Dialog';
import { useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { ColumnChooser } from './ColumnChooser';
import type { ListState } from './useListState';

interface NewView {
  name: string;
  shared: boolean;
  pinned: boolean;
}

function NewViewDialog({ onSave, onClose }: { onSave: (view: NewView) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<NewView>();
  return (
    <Dialog title={t('list.save_new')} onCancel={onClose} onOk={() => form.submit()} okText={t('action.save')} cancelText={t('action.cancel')} width={400}>
      <Form form={form} layout="vertical" initialValues={{ shared: false, pinned: false }} onFinish={onSave}>
        <Form.Item name="name" label={t('list.view_name')} rules={[{ required: true, message: t('login.required') }]}><Input autoFocus maxLength={60} /></Form.Item>
        <Form.Item name="shared" valuePropName="checked" noStyle><Checkbox>{t('list.view_shared')}</Checkbox></Form.Item>
        <Form.Item name="pinned" valuePropName="checked" noStyle><Checkbox>{t('list.view_pinned')}</Checkbox></Form.Item>
      </Form>
    </Dialog>
  );
}

/** Right of the chips: take back, save as a view, choose columns. */
export function ViewTools({ entity, state, saved }: { entity: Entity; state: ListState; saved: SavedView[] }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const errorText = useErrorText();
  const client = useQueryClient();
  const phone = useSize() === 'phone';
  const [naming, setNaming] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const current = saved.find((view) => view.id === state.view);
  const own = current && current.owner_id === user.id;
  const definition: ViewDefinition = { where: state.where, sort: state.sort, columns: state.columns, form: state.form };

  const onError = (error: unknown) => message.error(errorText(error));
  const done = async (id?: string) => {
    await refreshRecords(client, 'saved_views');
    state.openView(id);
  };
  const create = useMutation({
    mutationFn: (view: NewView) => api.post<SavedView>('/saved_views', { ...view, entity_name: entity.name, definition }),
    onSuccess: (view) => { setNaming(false); return done(view.id); },
    onError,
  });
  const update = useMutation({
    mutationFn: (change: Record<string, unknown>) => patchRecord('saved_views', current?.id ?? '', current?.version ?? 0, change),
    onSuccess: () => done(state.view),
    onError,
  });
  const remove = useMutation({
    mutationFn: () => api.delete(`/saved_views/${current?.id}`),
    onSuccess: () => done(),
    onError,
  });
  const items = current && own ? [
    { key: 'save', label: t('list.save_view'), disabled: !state.changed, onClick: () => update.mutate({ definition }) },
    { key: 'new', label: t('list.save_new'), onClick: () => setNaming(true) },
    { key: 'pin', label: current.pinned ? t('list.unpin') : t('list.pin'), onClick: () => update.mutate({ pinned: !current.pinned }) },
    { key: 'share', label: current.shared ? t('list.unshare') : t('list.share'), onClick: () => update.mutate({ shared: !current.shared }) },
    { key: 'delete', label: t('list.delete_view'), danger: true, onClick: () => remove.mutate() },
  ] : null;
  return (
    <div className="row">
      {state.changed && <button type="button" className="quiet-button small" onClick={state.reset}>{t('list.reset')}</button>}
      {items && (
        <Dropdown trigger={['click']} menu={{ items }}>
          <Button size="small">{t('list.view')} <Icon name="down" size={12} /></Button>
        </Dropdown>
      )}
      {!items && state.changed && !state.trash && <Button size="small" onClick={() => setNaming(true)}>{t('list.save_as')}</Button>}
      {!phone && state.form === 'table' && (
        <Popover
          trigger="click" placement="bottomRight" arrow={false} destroyOnHidden onOpenChange={setChoosing}
          content={<ColumnChooser entity={entity} columns={state.columns} onChange={(columns) => state.set({ columns })} />}
        >
          <IconButton icon="columns" label={t('list.columns')} small quiet={choosing} />
        </Popover>
      )}
      {naming && <NewViewDialog onSave={(view) => create.mutate(view)} onClose={() => setNaming(false)} />}
    </div>
  );
}
