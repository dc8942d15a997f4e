import { Suspense, useState } from 'react';
import { Button, Popover, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useTotal, type BulkRequest } from '@/api/records';
import type { Entity, Field, Total } from '@/api/types';
import { useBulk } from '@/app/useBulk';
import { isEditable } from '@/field/editable';
import { FieldInput } from '@/field/FieldInput';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { useFormat } from '@/format/useFormat';
import { Icon } from '@/part/Icon';
import type { IconName } from '@/part/icons';
import { MergeDialog, useMayMerge } from '@/pages/duplicates/merging';
import { carriers, useTagMany } from '@/tag/tags';
import { exportUrl } from './ListHead';
import type { ListState } from './useListState';
import type { Selection } from './useSelection';

interface Props {
  entity: Entity;
  state: ListState;
  selection: Selection;
  total: Total | undefined;
}

/** A verb with a small form in a popover. */
function BulkVerb({ icon, label, children }: { icon: IconName; label: string; children: (close: () => void) => React.ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover trigger="click" placement="top" arrow={false} open={open} onOpenChange={setOpen} destroyOnHidden content={<div className="bulk-form">{children(() => setOpen(false))}</div>}>
      <button type="button" className="quiet-button small"><Icon name={icon} size={14} />{label}</button>
    </Popover>
  );
}

function AssignForm({ onAssign }: { onAssign: (owner: string) => void }) {
  const { t } = useTranslation();
  const [owner, setOwner] = useState<string | null>(null);
  return (
    <>
      <ReferenceSelect target="user" label={t('list.new_owner')} value={owner} onChange={setOwner} autoFocus defaultOpen />
      <Button type="primary" disabled={!owner} onClick={() => owner && onAssign(owner)}>{t('list.assign')}</Button>
    </>
  );
}

function ChangeForm({ entity, onChange }: { entity: Entity; onChange: (field: Field, value: unknown) => void }) {
  const { t } = useTranslation();
  const fields = entity.fields.filter((field) => isEditable(field) && field.name !== entity.title_field);
  const [field, setField] = useState<Field | undefined>();
  const [value, setValue] = useState<unknown>(null);
  return (
    <>
      <Select
        autoFocus className="full-width" aria-label={t('condition.field')} placeholder={t('condition.field')} showSearch={{ optionFilterProp: 'label' }}
        options={fields.map(({ name, label }) => ({ value: name, label }))}
        onChange={(name: string) => { setField(fields.find((candidate) => candidate.name === name)); setValue(null); }}
      />
      {field && <FieldInput field={field} value={value} onChange={setValue} />}
      <Button type="primary" disabled={!field || (field.required && (value === null || value === ''))} onClick={() => field && onChange(field, value)}>
        {t('list.change')}
      </Button>
    </>
  );
}

/** A tag for all that are chosen, or off all of them. */
function TagForm({ onTag }: { onTag: (tag: string, name: string, remove: boolean) => void }) {
  const { t } = useTranslation();
  const [tag, setTag] = useState<{ id: string; name: string } | null>(null);
  return (
    <>
      <ReferenceSelect target="tag" label={t('tag.title')} value={tag?.id} title={tag?.name} onChange={(id, name) => setTag(id ? { id, name: name ?? '' } : null)} autoFocus defaultOpen />
      <div className="row">
        <Button type="primary" disabled={!tag} onClick={() => tag && onTag(tag.id, tag.name, false)}>{t('tag.put')}</Button>
        <Button disabled={!tag} onClick={() => tag && onTag(tag.id, tag.name, true)}>{t('tag.take_off')}</Button>
      </div>
    </>
  );
}

/** Two chosen records may be one. */
function MergeVerb({ entity, selection }: { entity: Entity; selection: Selection }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [one, other] = [...selection.ids];
  if (!useMayMerge(entity) || selection.everything || selection.ids.size !== 2) return null;
  return (
    <>
      <button type="button" className="quiet-button small" onClick={() => setOpen(true)}><Icon name="merge" size={14} />{t('list.merge')}</button>
      {open && (
        <Suspense>
          <MergeDialog entity={entity} one={one!} other={other} onClose={() => setOpen(false)} onMerged={selection.clear} />
        </Suspense>
      )}
    </>
  );
}

/** The total of a list is bounded in time; who is about to change all of it is told how many they are. */
function useExactTotal(entity: Entity, state: ListState, bounded: Total | undefined, choosing: boolean): Total | undefined {
  const { data } = useTotal(entity.plural, { where: state.where, deleted: state.trash }, choosing && bounded?.exact === false);
  return bounded?.exact === false && data ? data : bounded;
}

/** What is done with the chosen rows: counts first, then offers. */
export function BulkBar({ entity, state, selection, total: bounded }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const { start } = useBulk();
  const tagMany = useTagMany(entity);
  const run = (request: Pick<BulkRequest, 'action' | 'changes'>) => {
    void start(entity, { ...selection.target(state.where), ...request });
    selection.clear();
  };
  const total = useExactTotal(entity, state, bounded, selection.everything || selection.ids.size > 0);
  const count = selection.everything ? total?.value ?? 0 : selection.ids.size;
  if (count === 0) return null;
  const figure = selection.everything && total ? format.total(total) : format.count(count);
  const more = total && !selection.everything && total.value > selection.ids.size;
  const exported = selection.everything ? undefined : [...selection.ids];
  return (
    <div className="bulk-bar" role="toolbar" aria-label={t('list.bulk')}>
      <b>{t('list.chosen', { count, figure })}</b>
      {more && <button type="button" className="link" onClick={selection.selectEverything}>{t('list.choose_everything', { count: total.value, figure: format.total(total) })}</button>}
      <span className="separator" />
      {state.trash ? (
        <button type="button" className="quiet-button small" onClick={() => run({ action: 'restore' })}><Icon name="undo" size={14} />{t('list.restore')}</button>
      ) : (
        <>
          {entity.actions.assign && (
            <BulkVerb icon="user" label={t('list.assign')}>
              {(close) => <AssignForm onAssign={(owner) => { close(); run({ action: 'assign', changes: { owner_id: owner } }); }} />}
            </BulkVerb>
          )}
          {entity.actions.update && (
            <BulkVerb icon="edit" label={t('list.change')}>
              {(close) => <ChangeForm entity={entity} onChange={(field, value) => { close(); run({ action: 'update', changes: { [field.name]: value } }); }} />}
            </BulkVerb>
          )}
          {entity.actions.update && carriers.includes(entity.name) && (
            <BulkVerb icon="tag" label={t('tag.title')}>
              {(close) => <TagForm onTag={(tag, name, remove) => { close(); void tagMany(selection.target(state.where), tag, name, remove); selection.clear(); }} />}
            </BulkVerb>
          )}
          <MergeVerb entity={entity} selection={selection} />
          {entity.actions.export && (
            <a className="quiet-button small" href={exportUrl(entity, state, 'xlsx', exported)} download><Icon name="download" size={14} />{t('list.export')}</a>
          )}
          {entity.actions.delete && (
            <button type="button" className="quiet-button small bad" onClick={() => run({ action: 'delete' })}><Icon name="trash" size={14} />{t('action.delete')}</button>
          )}
        </>
      )}
      <span className="separator" />
      <button type="button" className="quiet-button small" onClick={selection.clear}>{t('list.unselect')} <kbd>Esc</kbd></button>
    </div>
  );
}
