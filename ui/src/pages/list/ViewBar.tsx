import { Link, useLocation } from 'react-router';
import { useTranslation } from 'react-i18next';
import type { Entity, SavedView } from '@/api/types';
import type { ViewForm } from '@/app/registry';
import { Icon } from '@/part/Icon';
import type { IconName } from '@/part/icons';
import type { ListState } from './useListState';
import { builtInViews } from './views';

interface Props {
  entity: Entity;
  state: ListState;
  saved: SavedView[];
  forms: ViewForm[];
}

/** Views as tabs at the left, forms of view at the right. */
export function ViewBar({ entity, state, saved, forms }: Props) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const tabs: { id: string; name: string; pinned?: boolean; shared?: boolean }[] = [
    ...builtInViews(entity).map(({ id, label }) => ({ id, name: t(label, { entity: entity.label_plural }) })),
    ...saved,
  ];
  const offered: { name: string; label: string; icon: IconName }[] = [
    { name: 'table', label: t('list.form_table'), icon: 'list' },
    ...forms.map((form) => ({ name: form.name, label: t(form.label), icon: form.icon })),
  ];
  return (
    <div className="view-bar">
      <nav className="tabs" aria-label={t('list.views')}>
        {tabs.map((tab, index) => (
          <Link
            key={tab.id} to={index === 0 ? pathname : `${pathname}?view=${tab.id}`}
            className={tab.id === state.view ? 'on' : undefined} aria-current={tab.id === state.view ? 'page' : undefined}
          >
            {tab.pinned && <Icon name="pin_view" size={14} />}
            {tab.name}
            {tab.shared && <span className="n"><Icon name="users" size={12} /><span className="visually-hidden">{t('list.shared')}</span></span>}
          </Link>
        ))}
      </nav>
      {offered.length > 1 && (
        <div className="segments" role="group" aria-label={t('list.forms')}>
          {offered.map((form) => (
            <button
              key={form.name} type="button" className={form.name === state.form ? 'on' : undefined} aria-pressed={form.name === state.form}
              onClick={() => state.set({ form: form.name })}
            >
              <Icon name={form.icon} size={14} />{form.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
