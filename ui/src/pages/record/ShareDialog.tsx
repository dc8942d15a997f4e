import { useState } from 'react';
import { Button, Select } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Entity, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { titleOf } from '@/field/references';
import { useFormat } from '@/format/useFormat';
import { Avatar } from '@/part/Avatar';
import { Dialog } from '@/part/Dialog';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { SkeletonLines } from '@/part/Skeleton';

type Kind = 'user' | 'team' | 'department';
type Right = 'read' | 'update';

interface Access {
  kind: Kind | 'role';
  id: string;
  name: string;
  right: Right;
  reason: 'owner' | 'shared' | 'opened' | 'opened_shared' | 'opened_role' | 'role_all' | 'role_tree' | 'role_team';
  by?: string;
  at?: string;
}

interface AccessList {
  data: Access[];
  /** How many are not listed. */
  more: number;
  may_share: boolean;
}

const kinds: Kind[] = ['user', 'team', 'department'];
const rights: Right[] = ['read', 'update'];

interface Wish {
  with: string;
  with_id: string;
  right: Right;
}

function Wishing({ pending, onShare }: { pending: boolean; onShare: (wish: Wish, done: () => void) => void }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Kind>('user');
  const [chosen, setChosen] = useState<{ id: string; name?: string } | null>(null);
  const [right, setRight] = useState<Right>('read');
  return (
    <form
      className="row wrap share-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen) onShare({ with: kind, with_id: chosen.id, right }, () => setChosen(null));
      }}
    >
      <Select<Kind>
        aria-label={t('share.kind')} value={kind} popupMatchSelectWidth={false}
        options={kinds.map((value) => ({ value, label: t(`share.${value}`) }))}
        onChange={(next) => { setKind(next); setChosen(null); }}
      />
      <ReferenceSelect
        key={kind} target={kind} className="grow share-with" label={t('share.with')} autoFocus
        value={chosen?.id ?? null} title={chosen?.name} onChange={(id, name) => setChosen(id ? { id, name } : null)}
      />
      <Select<Right>
        aria-label={t('share.right')} value={right} popupMatchSelectWidth={false}
        options={rights.map((value) => ({ value, label: t(`share.may_${value}`) }))} onChange={setRight}
      />
      <Button type="primary" htmlType="submit" disabled={!chosen} loading={pending}>{t('share.share')}</Button>
    </form>
  );
}

/** Why, in a few words. */
function Reason({ access }: { access: Access }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (access.reason !== 'shared') return <>{t(`share.because_${access.reason}`)}</>;
  return <>{t(`share.by_${access.kind === 'user' ? 'user' : 'group'}`, { who: access.by || t('record.system'), at: access.at ? format.day(access.at) : '' })}</>;
}

function Line({ access, onTakeBack }: { access: Access; onTakeBack?: () => void }) {
  const { t } = useTranslation();
  return (
    <li className="row" data-kind={access.kind}>
      <Avatar name={access.name} small />
      <div className="grow">
        <div className="ellipsis">{access.kind === 'role' ? t('share.role', { name: access.name }) : access.name}</div>
        <div className="t3 small-text"><Reason access={access} /></div>
      </div>
      <span className="t2 small-text">{t(`share.may_${access.right}`)}</span>
      {onTakeBack && (
        <button type="button" className="icon-button" aria-label={t('share.take_back_from', { name: access.name })} title={t('share.take_back')} onClick={onTakeBack}>
          <Icon name="close" size={14} />
        </button>
      )}
    </li>
  );
}

/** Who has access to a record and why; those who may, share it here and take it back. */
export function ShareDialog({ entity, record, onClose }: { entity: Entity; record: RecordRow; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const key = ['access', entity.plural, record.id];
  const path = `/${entity.plural}/${record.id}`;
  const { data, error } = useQuery({ queryKey: key, queryFn: () => api.get<AccessList>(`${path}/access`), staleTime: 0 });
  const keep = (list: AccessList) => client.setQueryData(key, list);
  const share = useMutation({
    mutationFn: ({ wish }: { wish: Wish; done: () => void }) => api.post<AccessList>(`${path}/shares`, wish),
    onSuccess: (list, { done }) => { keep(list); done(); },
    onError: (failure) => message.error(errorText(failure)),
  });
  const takeBack = useMutation({
    mutationFn: ({ kind, id }: Access) => api.delete<AccessList>(`${path}/shares/${kind}/${id}`),
    onSuccess: keep,
    onError: (failure) => { message.error(errorText(failure)); void client.invalidateQueries({ queryKey: key }); },
  });
  return (
    <Dialog width={560} title={t('share.title', { record: titleOf(entity, record) })} onCancel={onClose} footer={null}>
      {error && <ErrorNotice error={error} />}
      {!data && !error && <SkeletonLines count={4} />}
      {data?.may_share && <Wishing pending={share.isPending} onShare={(wish, done) => share.mutate({ wish, done })} />}
      {data && !data.may_share && <p className="t2 small-text">{t('share.may_not')}</p>}
      {data && (
        <>
          <h3 className="share-head">{t('share.who')}</h3>
          <ul className="share-list">
            {data.data.map((access) => (
              <Line
                key={`${access.reason}/${access.kind}/${access.id}`} access={access}
                onTakeBack={access.reason === 'shared' && data.may_share ? () => takeBack.mutate(access) : undefined}
              />
            ))}
          </ul>
          {data.more > 0 && <p className="t2">{t('share.more', { count: data.more })}</p>}
          {!data.data.length && <p className="t2">{t('share.nobody')}</p>}
        </>
      )}
    </Dialog>
  );
}
