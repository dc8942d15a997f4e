import { useTranslation } from 'react-i18next';
import { usePresence } from '@/live/presence';
import { Avatar } from '@/part/Avatar';

const mostAvatars = 3;

/** Who else has this record open, and who is changing it. */
export function Presence({ entity, id }: { entity: string; id: string }) {
  const { t } = useTranslation();
  const people = usePresence(entity, id);
  const [first] = people;
  if (!first) return null;
  const editing = people.filter((person) => person.editing);
  const shown = editing[0] ?? first;
  const words = people.length === 1
    ? t(shown.editing ? 'record.is_editing' : 'record.is_viewing', { who: shown.name })
    : t(editing.length > 0 ? 'record.are_here_editing' : 'record.are_here', { who: shown.name, count: people.length });
  return (
    <span className="presence dense t2" role="status" title={people.map(({ name, editing: writes }) => t(writes ? 'record.is_editing' : 'record.is_viewing', { who: name })).join('\n')}>
      {people.slice(0, mostAvatars).map((person) => <Avatar key={person.id} name={person.name} small />)}
      <span className={editing.length > 0 ? 'acc' : ''}>{words}</span>
    </span>
  );
}
