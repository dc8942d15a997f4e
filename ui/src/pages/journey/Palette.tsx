import { useTranslation } from 'react-i18next';
import { Icon } from '@/part/Icon';
import type { ActionKind } from '@/pages/settings/automation';
import { dragType } from './Canvas';
import { iconOf } from './describe';
import { startConfigs } from './graph';

const groups = {
  entry: ['entry_event', 'entry_segment', 'entry_date', 'entry_manual'],
  wait: ['wait_duration', 'wait_window', 'wait_event', 'wait_condition'],
  branch: ['branch_condition', 'branch_value', 'branch_random', 'branch_mail'],
  end: ['goal', 'exit'],
} as const;

interface ItemProps {
  kind: string;
  action?: string;
  label: string;
  onAdd: (kind: string, action?: string) => void;
}

function Item({ kind, action, label, onAdd }: ItemProps) {
  const start = startConfigs[kind]!;
  const icon = iconOf({ type: start.type, config: { ...start.config, action } });
  return (
    <li>
      <button
        type="button" draggable onClick={() => onAdd(kind, action)}
        onDragStart={(event) => { event.dataTransfer.setData(dragType, action ? `${kind} ${action}` : kind); event.dataTransfer.effectAllowed = 'move'; }}
      >
        <Icon name={icon} size={14} />{label}
      </button>
    </li>
  );
}

interface Props {
  kinds: ActionKind[];
  entity: string;
  onAdd: (kind: string, action?: string) => void;
}

/** What can be put on the canvas: by dragging, or by a click behind the chosen node. */
export function Palette({ kinds, entity, onAdd }: Props) {
  const { t } = useTranslation();
  const actions = kinds.filter((kind) => kind.entity === '' || kind.entity === entity);
  const part = (group: keyof typeof groups) => (
    <section key={group}>
      <h3>{t(`journeys.group_${group}`)}</h3>
      <ul>{groups[group].map((kind) => <Item key={kind} kind={kind} label={t(`journeys.kind_${kind}`)} onAdd={onAdd} />)}</ul>
    </section>
  );
  return (
    <nav className="journey-palette" aria-label={t('journeys.palette')}>
      {part('entry')}{part('wait')}{part('branch')}
      <section>
        <h3>{t('journeys.group_action')}</h3>
        <ul>{actions.map(({ name, label }) => <Item key={name} kind="action" action={name} label={label} onAdd={onAdd} />)}</ul>
      </section>
      {part('end')}
    </nav>
  );
}
