import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { Entity, Field, RecordRow } from '@/api/types';
import { isEditable } from '@/field/editable';
import { FieldValue } from '@/field/FieldValue';
import { InlineEditor } from '@/field/InlineEditor';
import { useTellEditing } from '@/live/presence';
import { Icon } from '@/part/Icon';
import { Revealable } from '@/record/Revealable';

const hidden = new Set(['id', 'version', 'deleted_at', 'owner_department_id']);

interface LineProps {
  entity: Entity;
  field: Field;
  record: RecordRow;
  editing: boolean;
  onEdit: (name: string | null) => void;
  onMove: (step: number) => void;
}

/** Label and value; a press anywhere on the value, or Enter on its pencil, edits it where it stands. */
function FieldLine({ entity, field, record, editing, onEdit, onMove }: LineProps) {
  const { t } = useTranslation();
  const masked = record._masked?.includes(field.name);
  const editable = isEditable(field) && !masked && record._rights?.update !== false && !record.deleted_at;
  if (editing) {
    return (
      <div className="field-line">
        <dt>{field.label}</dt>
        <dd className="editing">
          <InlineEditor
            entity={entity} field={field} record={record}
            onDone={(move) => (move === 'stay' ? onEdit(null) : onMove(move === 'next' ? 1 : -1))}
          />
        </dd>
      </div>
    );
  }
  return (
    <div className="field-line">
      <dt>{field.label}</dt>
      {editable ? (
        <dd>
          <div className="editable" onClick={(event) => { if (!(event.target instanceof HTMLAnchorElement)) onEdit(field.name); }}>
            <span className="value"><FieldValue field={field} record={record} /></span>
            <button type="button" className="pencil" aria-label={t('record.edit_field', { field: field.label })}><Icon name="edit" size={14} /></button>
          </div>
        </dd>
      ) : (
        <dd><div className="fixed">{masked ? <Revealable entity={entity} field={field} record={record} /> : <FieldValue field={field} record={record} />}</div></dd>
      )}
    </div>
  );
}

/** Fields in their groups; the ones nobody fills in stand last, the program's own are folded. */
export function FieldGroups({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const model = useModel();
  const [editing, setEditing] = useState<string | null>(null);
  const [folded, setFolded] = useState(true);
  useTellEditing(entity.name, record.id, editing !== null);
  const shown = entity.fields.filter((field) => !hidden.has(field.name) && field.type !== 'json' && field.name in record);
  const owner = shown.filter((field) => field.name === 'owner_id');
  const own = shown.filter((field) => !field.system && field.name !== 'owner_id');
  const system = shown.filter((field) => field.system && field.name !== 'owner_id');
  const first = own[0]?.group;
  const groups = Map.groupBy([...own, ...owner], (field) => (field.name === 'owner_id' ? first : field.group) ?? '');
  const order = [...groups.values()].flat().filter(isEditable).map((field) => field.name);
  const move = (step: number) => setEditing((name) => order[order.indexOf(name ?? '') + step] ?? null);
  const line = (field: Field) => (
    <FieldLine
      key={field.name} entity={entity} field={field} record={record} editing={editing === field.name}
      onEdit={setEditing} onMove={move}
    />
  );
  return (
    <>
      {[...groups].map(([group, fields], index) => (
        <section key={group} className="section">
          <div className="section-head">
            <h2>{model.groupLabel(group) || t('record.tab_fields')}</h2>
            {index === 0 && record._rights?.update !== false && <span className="t3 small-text">{t('record.click_to_edit')}</span>}
          </div>
          <dl className="fields">{fields.map(line)}</dl>
        </section>
      ))}
      {system.length > 0 && (
        <section className="section">
          <button type="button" className="fold" aria-expanded={!folded} onClick={() => setFolded(!folded)}>
            <Icon name={folded ? 'right' : 'down'} size={14} />{t('record.system')}
          </button>
          {!folded && <dl className="fields">{system.map(line)}</dl>}
        </section>
      )}
    </>
  );
}
