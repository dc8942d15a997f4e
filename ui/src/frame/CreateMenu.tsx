import { Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { Entity } from '@/api/types';
import { entityIcon, isWorked, rank } from '@/app/clouds';
import { useSize } from '@/app/preferences';
import { Icon } from '@/part/Icon';
import { useCreate } from './create';

/** Record types this person may create, in the order of the rail. */
export function useCreatable(): Entity[] {
  return useModel().entities.filter((entity) => isWorked(entity) && entity.actions.create && entity.name !== 'activity')
    .sort((a, b) => rank(a) - rank(b));
}

export function CreateMenu() {
  const { t } = useTranslation();
  const create = useCreate();
  const entities = useCreatable();
  const phone = useSize() === 'phone';
  if (entities.length === 0) return null;
  return (
    <Dropdown
      trigger={['click']}
      placement="bottomRight"
      menu={{
        items: entities.map((entity) => ({
          key: entity.name, label: entity.label, icon: <Icon name={entityIcon(entity)} />,
          onClick: () => create({ entity }),
        })),
      }}
    >
      <button type="button" className="quiet-button" aria-label={t('frame.create')}>
        <Icon name="plus" />{!phone && t('frame.create')}
      </button>
    </Dropdown>
  );
}
