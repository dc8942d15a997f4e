import { Button, Dropdown, type MenuProps } from 'antd';
import { useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { urlOf } from '@/api/client';
import type { Entity } from '@/api/types';
import { useSize } from '@/app/preferences';
import { pageRoutes } from '@/app/registry';
import { useVerbs } from '@/app/verbs';
import { useCreate } from '@/frame/create';
import { useHotkeys } from '@/part/hotkeys';
import { Icon } from '@/part/Icon';
import type { ListState } from './useListState';

/** Address of the file with everything the list finds. */
export function exportUrl(entity: Entity, state: ListState, format: 'csv' | 'xlsx', ids?: string[]): string {
  const where = ids ? { field: 'id', op: 'in', value: ids } : state.where;
  return urlOf(`/${entity.plural}/export`, {
    format, where: where ? JSON.stringify(where) : undefined, sort: state.sort, fields: state.columns.join(','),
  });
}

/** Title and page verbs of a list. */
export function ListHead({ entity, state }: { entity: Entity; state: ListState }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useCreate();
  const phone = useSize() === 'phone';
  const add = () => create({ entity });
  const canImport = entity.actions.import && pageRoutes.some((route) => route.path.startsWith('imports'));
  const importPath = `/imports?entity=${entity.name}`;
  useHotkeys(entity.actions.create ? { n: add } : {});
  useVerbs(state.trash ? [] : [
    ...(entity.actions.create ? [{ key: 'here-create', icon: 'plus' as const, title: t('frame.create_one', { entity: entity.label }), hotkey: 'N', run: add }] : []),
    ...(entity.actions.export ? (['csv', 'xlsx'] as const).map((format) => ({
      key: `here-${format}`, icon: 'download' as const, title: t(`list.export_${format}`), run: () => window.location.assign(exportUrl(entity, state, format)),
    })) : []),
    ...(canImport ? [{ key: 'here-import', icon: 'upload' as const, title: t('list.import'), run: () => void navigate(importPath) }] : []),
    { key: 'here-trash', icon: 'trash' as const, title: t('list.trash'), run: () => state.setTrash(true) },
  ]);
  const download = (format: 'csv' | 'xlsx') => ({
    key: format, icon: <Icon name="download" />,
    label: <a href={exportUrl(entity, state, format)} download>{t(`list.export_${format}`)}</a>,
  });
  const items: MenuProps['items'] = [
    ...(phone && canImport ? [{ key: 'import', label: t('list.import'), icon: <Icon name="upload" />, onClick: () => void navigate(importPath) }] : []),
    ...(entity.actions.export ? [download('csv'), download('xlsx')] : []),
    { key: 'bulk', label: t('bulk.log'), icon: <Icon name="clock" />, onClick: () => void navigate('/bulk') },
    { key: 'trash', label: t('list.trash'), icon: <Icon name="trash" />, onClick: () => state.setTrash(true) },
  ];
  if (state.trash) {
    return (
      <header className="page-head">
        <h1>{t('list.trash_of', { entity: entity.label_plural })}</h1>
        <span className="grow" />
        <Button onClick={() => state.setTrash(false)}>{t('list.leave_trash')}</Button>
      </header>
    );
  }
  return (
    <header className="page-head">
      <h1>{entity.label_plural}</h1>
      <span className="grow" />
      <Dropdown trigger={['click']} menu={{ items }} placement="bottomRight">
        <button type="button" className="icon-button" aria-label={t('frame.more')}><Icon name="more" /></button>
      </Dropdown>
      {canImport && !phone && (
        <button type="button" className="quiet-button" onClick={() => void navigate(importPath)}><Icon name="upload" />{t('list.import')}</button>
      )}
      {entity.actions.create && (
        <Button type="primary" icon={<Icon name="plus" size={14} />} onClick={add}>{t('frame.create_one', { entity: entity.label })}</Button>
      )}
    </header>
  );
}
