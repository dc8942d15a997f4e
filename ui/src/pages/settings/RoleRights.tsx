import { useState } from 'react';
import { Button, Checkbox, Select } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useMeta, useModel } from '@/api/meta';
import { useRecord } from '@/api/records';
import { message } from '@/app/say';
import { ErrorNotice } from '@/part/ErrorNotice';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { Unsaved } from '@/part/Unsaved';
import { actions, countChanges, fieldRights, scopes, type Action, type FieldRight, type Rights, type Scope } from './rights';

interface PartProps {
  rights: Rights;
  onChange: (rights: Rights) => void;
}

/** Record types down, actions across; each cell says whose records. */
function Matrix({ rights, onChange }: PartProps) {
  const { t } = useTranslation();
  const model = useModel();
  const options = scopes.map((scope) => ({ value: scope, label: t(`settings.scope_${scope}`) }));
  const set = (entity: string, action: Action, scope: Scope) =>
    onChange({ ...rights, entities: { ...rights.entities, [entity]: { ...rights.entities[entity], [action]: scope } } });
  const order = (name: string) => model.entities.findIndex((entity) => entity.name === name && !entity.setting);
  /* Types nobody meets as records have no name here and no right of their own to give. */
  const names = Object.keys(rights.entities).filter((name) => model.named(name)).sort((a, b) => Number(order(a) < 0) - Number(order(b) < 0) || order(a) - order(b));
  return (
    <TableScroll label={t('settings.matrix')}>
      <table className="plain-table rights-table">
        <thead><tr><th>{t('settings.entity')}</th>{actions.map((action) => <th key={action}>{t(`settings.action_${action}`)}</th>)}</tr></thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <td className="nowrap">{model.named(name)?.label ?? name}</td>
              {actions.map((action) => (
                <td key={action}>
                  <Select
                    size="small" variant="borderless" popupMatchSelectWidth={false} options={options} value={rights.entities[name]?.[action] ?? 'none'}
                    className={(rights.entities[name]?.[action] ?? 'none') === 'none' ? 'scope-none' : ''}
                    aria-label={`${model.named(name)?.label ?? name} ${t(`settings.action_${action}`)}`} onChange={(scope: Scope) => set(name, action, scope)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** Fields this role sees or changes otherwise than the record. */
function FieldRights({ rights, onChange }: PartProps) {
  const { t } = useTranslation();
  const model = useModel();
  const set = (fields: Rights['fields']) => onChange({ ...rights, fields });
  const labelOf = (path: string) => {
    const [name = '', field = ''] = path.split('.');
    const entity = model.named(name);
    return entity ? `${entity.label} · ${model.labelAt(entity, field)}` : path;
  };
  const choices = model.entities.filter(({ setting }) => !setting).flatMap((entity) => entity.fields.filter(({ system }) => !system).map((field) => `${entity.name}.${field.name}`))
    .filter((path) => !(path in rights.fields)).map((path) => ({ value: path, label: labelOf(path) }));
  return (
    <ul className="settings-lines">
      {Object.entries(rights.fields).map(([path, right]) => (
        <li key={path} className="row">
          <span className="grow ellipsis">{labelOf(path)}</span>
          <Select size="small" aria-label={labelOf(path)} value={right} popupMatchSelectWidth={false} options={fieldRights.map((value) => ({ value, label: t(`settings.field_${value}`) }))} onChange={(next: FieldRight) => set({ ...rights.fields, [path]: next })} />
          <IconButton small icon="close" label={t('action.remove')} onClick={() => set(Object.fromEntries(Object.entries(rights.fields).filter(([name]) => name !== path)))} />
        </li>
      ))}
      <li>
        <Select
          size="small" className="settings-add" aria-label={t('settings.add_field')} placeholder={t('settings.add_field')} showSearch={{ optionFilterProp: 'label' }}
          value={null} options={choices} onChange={(path: string | null) => path && set({ ...rights.fields, [path]: 'masked' })}
        />
      </li>
    </ul>
  );
}

function Permissions({ rights, onChange }: PartProps) {
  const { permissions = {} } = useMeta();
  const names = [...new Set([...Object.keys(permissions), ...rights.permissions])];
  const set = (name: string, on: boolean) => onChange({ ...rights, permissions: on ? [...rights.permissions, name] : rights.permissions.filter((one) => one !== name) });
  return (
    <div className="settings-permissions">
      {names.map((name) => <Checkbox key={name} checked={rights.permissions.includes(name)} onChange={(event) => set(name, event.target.checked)}>{permissions[name] ?? name}</Checkbox>)}
    </div>
  );
}

function RightsForm({ id, saved }: { id: string; saved: Rights }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [rights, setRights] = useState(saved);
  const changes = countChanges(saved, rights);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => api.put<Rights>(`/roles/${id}/rights`, rights),
    onSuccess: (now) => {
      client.setQueryData(['rights', id], now);
      setRights(now);
      message.info(t('settings.rights_saved'));
      void client.invalidateQueries({ queryKey: ['meta'] });
    },
  });
  return (
    <>
      <Unsaved when={changes > 0} />
      <h2>{t('settings.matrix')}</h2>
      <Matrix rights={rights} onChange={setRights} />
      <h2>{t('settings.field_rights')}</h2>
      <p className="t2 dense">{t('settings.field_rights_hint')}</p>
      <FieldRights rights={rights} onChange={setRights} />
      <h2>{t('settings.permissions')}</h2>
      <Permissions rights={rights} onChange={setRights} />
      {error && <ErrorNotice error={error} />}
      <div className="row settings-foot">
        <Button type="primary" disabled={changes === 0} loading={isPending} onClick={() => mutate()}>{t('action.save')}</Button>
        {changes > 0 && <Button type="text" onClick={() => setRights(saved)}>{t('action.cancel')}</Button>}
        <span className="t2 dense">{changes > 0 ? t('settings.changes', { count: changes }) : ''}</span>
      </div>
    </>
  );
}

/** What a role may do: with which records, which fields, which pages. */
export function RoleRights() {
  const { id = '' } = useParams();
  const { t } = useTranslation();
  const { data: role } = useRecord('roles', id);
  const { data: rights, error, refetch } = useQuery({ queryKey: ['rights', id], queryFn: () => api.get<Rights>(`/roles/${id}/rights`), staleTime: 0 });
  return (
    <div className="page">
      <header className="page-head">
        <Link to="/settings/roles" className="t2">{t('settings.rights')}</Link><span className="t3">/</span><h1>{String(role?.name ?? '')}</h1>
      </header>
      <div className="settings-body">
        <p className="t2 settings-hint">{t('settings.rights_hint')}</p>
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!rights && !error && <SkeletonRows />}
        {rights && <RightsForm key={id} id={id} saved={rights} />}
      </div>
    </div>
  );
}
