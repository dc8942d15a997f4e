import { useState, type KeyboardEvent } from 'react';
import { Checkbox, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Entity } from '@/api/types';
import { ownFirst } from '@/field/editable';
import { Icon } from '@/part/Icon';
import { columnFields, moveColumn } from './columns';

interface Props {
  entity: Entity;
  columns: string[];
  onChange: (columns: string[]) => void;
}

/** Which columns a list shows, in which order: ticked, dragged, or moved with Alt and the arrow keys. */
export function ColumnChooser({ entity, columns, onChange }: Props) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const [dragged, setDragged] = useState<string | null>(null);
  const shown = columnFields(entity, columns);
  const names = shown.map((field) => field.name);
  const others = ownFirst(entity.fields.filter((field) => !names.includes(field.name) && field.type !== 'json'));
  const found = (label: string) => label.toLowerCase().includes(words.trim().toLowerCase());
  const onKeyDown = (event: KeyboardEvent, name: string) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!event.altKey || !step) return;
    event.preventDefault();
    const target = names[names.indexOf(name) + step];
    if (target) onChange(moveColumn(names, name, target));
  };
  return (
    <div className="column-chooser">
      <Input size="small" allowClear placeholder={t('list.find_column')} aria-label={t('list.find_column')} value={words} onChange={(event) => setWords(event.target.value)} />
      <ul>
        {shown.filter((field) => found(field.label)).map((field) => (
          <li
            key={field.name} draggable onDragStart={() => setDragged(field.name)} onDragOver={(event) => event.preventDefault()}
            onDrop={() => dragged && onChange(moveColumn(names, dragged, field.name))} onKeyDown={(event) => onKeyDown(event, field.name)}
          >
            <Checkbox
              checked disabled={field.name === entity.title_field}
              onChange={() => onChange(names.filter((name) => name !== field.name))}
            >
              {field.label}
            </Checkbox>
            <Icon name="grip" size={14} className="t3" />
          </li>
        ))}
        {others.filter((field) => found(field.label)).map((field) => (
          <li key={field.name}>
            <Checkbox checked={false} onChange={() => onChange([...names, field.name])}>{field.label}</Checkbox>
          </li>
        ))}
      </ul>
      <p className="t3 small-text">{t('list.columns_hint')}</p>
    </div>
  );
}
