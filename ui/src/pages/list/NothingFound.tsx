import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Entity } from '@/api/types';
import { conditionOf, draftOf, isGroup } from '@/condition/draft';
import { useLeafText } from '@/condition/describe';
import { useCreate } from '@/frame/create';
import { Empty } from '@/part/Empty';
import type { ListState } from './useListState';

/** Says which condition to drop first: the last one added. */
function LastCondition({ entity, state }: { entity: Entity; state: ListState }) {
  const { t } = useTranslation();
  const items = draftOf(state.where).items;
  const last = items.at(-1);
  const text = useLeafText(entity, last && !isGroup(last) ? last : { field: '', op: '' });
  if (!last || isGroup(last)) return <>{t('list.nothing_hint')}</>;
  return <>{t('list.nothing_drop', { condition: `${text.label} ${text.operator} ${text.operand}`.trim() })}</>;
}

export function NothingFound({ entity, state }: { entity: Entity; state: ListState }) {
  const { t } = useTranslation();
  const create = useCreate();
  const draft = draftOf(state.where);
  if (state.trash) return <Empty title={t('list.trash_empty')} hint={t('list.trash_hint')} />;
  if (state.where && (state.changed || state.view !== 'open')) {
    return (
      <Empty title={t('list.nothing', { entity: entity.label_plural })} hint={<LastCondition entity={entity} state={state} />}>
        {draft.items.length > 1 && <Button type="primary" onClick={() => state.set({ where: conditionOf({ ...draft, items: draft.items.slice(0, -1) }) })}>{t('list.drop_last')}</Button>}
        <Button onClick={() => state.set({ where: null })}>{t('list.drop_all')}</Button>
      </Empty>
    );
  }
  return (
    <Empty title={t(state.where ? 'list.none_open' : 'list.none_yet', { entity: entity.label_plural })} hint={t('list.none_hint', { entity: entity.label })}>
      {entity.actions.create && <Button type="primary" onClick={() => create({ entity })}>{t('frame.create_one', { entity: entity.label })}</Button>}
    </Empty>
  );
}
