import { Suspense, useState } from 'react';
import { Button, Dropdown, type MenuProps } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, recordPath } from '@/api/meta';
import { patchRecord, refreshRecords } from '@/api/records';
import type { Entity, Field, RecordRow } from '@/api/types';
import { offerUndo } from '@/app/undo';
import { useSize } from '@/app/preferences';
import { message } from '@/app/say';
import { useVerbs, type Verb } from '@/app/verbs';
import { isMarked, stateField } from '@/field/editable';
import { FieldValue, Pill } from '@/field/FieldValue';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { titleOf } from '@/field/references';
import { useFormat } from '@/format/useFormat';
import { Avatar } from '@/part/Avatar';
import { Dialog } from '@/part/Dialog';
import { useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { useCopy } from '@/part/useCopy';
import { MergeDialog, useMayMerge } from '@/pages/duplicates/merging';
import { Presence } from '@/record/Presence';
import { GradeWhy } from '@/sales/GradeWhy';
import { DealVerbs } from './DealVerbs';
import { LeadVerbs } from './LeadVerbs';
import { ShareDialog } from './ShareDialog';

/** At most two soft pills beside the name: how it stands, and its tier or level. */
function Pills({ entity, record }: { entity: Entity; record: RecordRow }) {
  const state = stateField(entity);
  const second = ['tier', 'level'].map((name) => fieldOf(entity, name)).find((field) => field && field !== state && isMarked(field));
  return (
    <>
      {[state, second].map((field) => {
        const option = field?.options?.find((candidate) => candidate.code === record[field.name]);
        return option && <Pill key={option.code} option={option} />;
      })}
    </>
  );
}

/** Who, what, where in one line under the name. */
const factNames = ['job_title', 'company_name', 'account_id', 'amount', 'expected_close_date', 'industry', 'region'];

function Facts({ entity, record, most }: { entity: Entity; record: RecordRow; most: number }) {
  const known = factNames
    .map((name) => fieldOf(entity, name))
    .filter((field): field is Field => !!field && record[field.name] !== null && record[field.name] !== undefined && record[field.name] !== '');
  return <>{known.slice(0, most).map((field) => <span key={field.name} className="fact"><FieldValue field={field} record={record} /></span>)}</>;
}

/** What has ended waits for nothing: a converted lead's next step is its deal's. */
const ended = new Set<unknown>(['converted', 'disqualified', 'won', 'lost']);

function NextStep({ record }: { record: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const at = record.next_follow_up_at;
  if (typeof at !== 'string' || ended.has(record.status) || ended.has(record.state)) return null;
  const late = Date.parse(at) < Date.now();
  const what = typeof record.next_step === 'string' ? record.next_step : '';
  return (
    <span className={`row tight ${late ? 'bad strong' : 'acc'}`}>
      <Icon name="clock" size={14} />{t('record.next_step', { when: format.day(at), what })}
    </span>
  );
}

/** Takes a record over to somebody else; leads have a verb of their own that also records why. */
function useAssign(entity: Entity, record: RecordRow) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const assign = (owner: unknown) => (entity.name === 'lead'
    ? api.post(`/leads/${record.id}/assign`, { owner_id: owner })
    : api.get<RecordRow>(`/${entity.plural}/${record.id}`).then((now) => patchRecord(entity.plural, record.id, now.version, { owner_id: owner })));
  return useMutation({
    mutationFn: ({ owner }: { owner: string; name: string }) => assign(owner),
    onSuccess: (_, { name }) => {
      void refreshRecords(client, entity.plural);
      offerUndo(t('record.assigned', { record: titleOf(entity, record), name }), async () => {
        await assign(record.owner_id);
        await refreshRecords(client, entity.plural);
      });
    },
    onError: (error) => message.error(errorText(error)),
  });
}

function AssignDialog({ onAssign, onClose }: { onAssign: (owner: string, name: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [owner, setOwner] = useState<{ id: string; name: string } | null>(null);
  return (
    <Dialog
      width={400} title={t('list.assign')} onCancel={onClose} okText={t('list.assign')} cancelText={t('action.cancel')}
      okButtonProps={{ disabled: !owner }} onOk={() => owner && onAssign(owner.id, owner.name)}
    >
      <ReferenceSelect
        target="user" label={t('list.new_owner')} value={owner?.id ?? null} title={owner?.name} autoFocus
        onChange={(id, name) => setOwner(id ? { id, name: name ?? id } : null)}
      />
    </Dialog>
  );
}

/** Puts the record into the trash and goes to the list; undo brings it back. */
function useTrash(entity: Entity, record: RecordRow) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  return useMutation({
    mutationFn: () => api.delete(`/${entity.plural}/${record.id}`),
    onSuccess: () => {
      void navigate(`/${entity.plural}`);
      void refreshRecords(client, entity.plural);
      offerUndo(t('record.deleted', { record: titleOf(entity, record) }), async () => {
        await api.post(`/${entity.plural}/${record.id}/restore`);
        await refreshRecords(client, entity.plural);
        void navigate(`/${entity.plural}/${record.id}`);
      });
    },
    onError: (error) => message.error(errorText(error)),
  });
}

function Verbs({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const [assigning, setAssigning] = useState(false);
  const [sharing, setSharing] = useState(false);
  const [merging, setMerging] = useState(false);
  const navigate = useNavigate();
  const mayMerge = useMayMerge(entity);
  const assign = useAssign(entity, record);
  const trash = useTrash(entity, record);
  const rights = record._rights;
  const narrow = useSize() === 'phone';
  const phone = typeof record.phone === 'string' && !record._masked?.includes('phone') ? record.phone : null;
  const copy = useCopy();
  const verbs: (Verb & { danger?: boolean })[] = [
    ...(entity.owned && entity.actions.assign && rights?.assign !== false
      ? [{ key: 'assign', title: t('list.assign'), icon: 'user' as const, run: () => setAssigning(true) }] : []),
    ...(entity.owned && !record.deleted_at ? [{ key: 'share', title: t('share.open'), icon: 'share' as const, run: () => setSharing(true) }] : []),
    ...(mayMerge && rights?.update !== false && !record.deleted_at
      ? [{ key: 'merge', title: t('record.merge_with'), icon: 'merge' as const, run: () => setMerging(true) }] : []),
    { key: 'copy', title: t('record.copy_link'), icon: 'link', run: () => copy(window.location.href, t('record.link_copied')) },
    ...(entity.actions.delete && rights?.delete !== false
      ? [{ key: 'delete', title: t('action.delete'), icon: 'trash' as const, danger: true, run: () => trash.mutate() }] : []),
  ];
  useVerbs(verbs);
  const items: MenuProps['items'] = verbs.map(({ key, title, icon, danger, run }) => ({ key, label: title, icon: <Icon name={icon} />, danger, onClick: run }));
  return (
    <div className="row verbs">
      {phone && !narrow && <Button href={`tel:${phone}`} icon={<Icon name="phone" size={14} />}>{t('record.call')}</Button>}
      {entity.name === 'lead' && rights?.update !== false && <LeadVerbs entity={entity} record={record} />}
      {entity.name === 'opportunity' && !narrow && <DealVerbs deal={record} />}
      <Dropdown trigger={['click']} menu={{ items }} placement="bottomRight">
        <button type="button" className="icon-button" aria-label={t('frame.more')}><Icon name="more" /></button>
      </Dropdown>
      {sharing && <ShareDialog entity={entity} record={record} onClose={() => setSharing(false)} />}
      {merging && (
        <Suspense>
          <MergeDialog
            entity={entity} one={record.id} onClose={() => setMerging(false)}
            onMerged={({ id }) => { setMerging(false); if (id !== record.id) void navigate(recordPath(entity, id)); }}
          />
        </Suspense>
      )}
      {assigning && (
        <AssignDialog onClose={() => setAssigning(false)} onAssign={(owner, name) => { setAssigning(false); assign.mutate({ owner, name }); }} />
      )}
    </div>
  );
}

export function RecordHead({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  const owner = record._refs?.owner_id;
  return (
    <header className="record-head">
      <div className="grow">
        {phone && <Link className="back" to={`/${entity.plural}`}><Icon name="left" />{entity.label_plural}</Link>}
        <div className="row wrap">
          <h1>{titleOf(entity, record)}</h1>
          <Pills entity={entity} record={record} />
          <GradeWhy entity={entity} record={record} />
          {record.deleted_at && <span className="pill bad">{t('record.in_trash')}</span>}
        </div>
        <div className="row wrap dense t2 facts">
          {owner && <span className="row tight"><Avatar name={owner.title} small />{owner.title}</span>}
          <Facts entity={entity} record={record} most={phone ? 3 : 4} />
          <NextStep record={record} />
          {phone && <Presence entity={entity.name} id={record.id} />}
        </div>
      </div>
      {!phone && <Presence entity={entity.name} id={record.id} />}
      <Verbs entity={entity} record={record} />
    </header>
  );
}
