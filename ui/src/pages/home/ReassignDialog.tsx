import { useState } from 'react';
import { Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { Condition, TeamPerson } from '@/api/types';
import { useBulk } from '@/app/useBulk';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { useFormat } from '@/format/useFormat';
import { Dialog } from '@/part/Dialog';

const kinds = ['idle_lead', 'overdue_lead', 'overdue_deal', 'overdue_task', 'open_deals'] as const;
type Kind = typeof kinds[number];

interface Part {
  kind: Kind;
  count: number;
  entity: string;
  where: Condition;
}

/** What of a person's work can be given to somebody else, as far as there is any. */
export function partsOf(person: TeamPerson): Part[] {
  return kinds.flatMap((kind) => {
    const open = person.open_deals && { ...person.open_deals, value: person.open_deals.count };
    const found = kind === 'open_deals' ? open : person.figures[kind];
    return found && found.value > 0 ? [{ kind, count: found.value, entity: found.entity, where: found.where }] : [];
  });
}

/** A part of somebody's work to a colleague, all of it at once; it can be undone. */
export default function ReassignDialog({ person, onClose }: { person: TeamPerson; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const model = useModel();
  const { start } = useBulk();
  const parts = partsOf(person).filter(({ entity }) => model.plural(entity)?.actions.assign);
  const [kind, setKind] = useState<Kind | undefined>(parts[0]?.kind);
  const [owner, setOwner] = useState<string | null>(null);
  const part = parts.find((candidate) => candidate.kind === kind);
  const entity = part && model.plural(part.entity);
  const ready = entity && owner && owner !== person.id;
  return (
    <Dialog
      width={420} title={t('home.reassign_of', { name: person.name })} okText={t('home.reassign')} cancelText={t('action.cancel')} okButtonProps={{ disabled: !ready }}
      onCancel={onClose} onOk={() => { if (ready && part) void start(entity, { where: part.where, action: 'assign', changes: { owner_id: owner } }); onClose(); }}
    >
      <Radio.Group className="reassign-parts" value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
        {parts.map(({ kind: name, count }) => <Radio key={name} value={name}>{t(`home.${name}`)} <b>{format.count(count)}</b></Radio>)}
      </Radio.Group>
      <ReferenceSelect className="full-width" target="user" label={t('list.new_owner')} value={owner} onChange={setOwner} />
      {owner === person.id && <p className="warn dense">{t('home.reassign_same')}</p>}
    </Dialog>
  );
}
