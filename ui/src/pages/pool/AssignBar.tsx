import { useState } from 'react';
import { Button } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { recordKeys, refreshRecords } from '@/api/records';
import { message } from '@/app/say';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { useErrorText } from '@/part/ErrorNotice';
import type { Pool } from './pools';

/** Gives leads of the pool out, one or many. */
export function AssignBar({ pool, ids, onDone }: { pool: Pool; ids: string[]; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [owner, setOwner] = useState<{ id: string; name: string } | null>(null);
  const { mutate, isPending } = useMutation({
    mutationFn: (to: { id: string; name: string }) => api.post<{ assigned: number; failed: unknown[] }>(`/lead_pools/${pool.id}/assign`, { lead_ids: ids.slice(0, 200), owner_id: to.id }),
    onSuccess: ({ assigned, failed }, to) => {
      message.info(t(failed.length > 0 ? 'pool.assigned_some' : 'pool.assigned', { count: assigned, name: to.name, failed: failed.length }));
      void client.invalidateQueries({ queryKey: recordKeys.lists('lead_pools') });
      void refreshRecords(client, 'leads');
      onDone();
    },
    onError: (error) => message.error(errorText(error)),
  });
  return (
    <div className="pool-assign">
      <b>{t('pool.picked', { count: ids.length })}</b>
      <span className="pool-owner">
        <ReferenceSelect target="user" label={t('pool.assign_to')} value={owner?.id ?? null} title={owner?.name} onChange={(id, name) => setOwner(id ? { id, name: name ?? id } : null)} />
      </span>
      <Button type="primary" disabled={!owner} loading={isPending} onClick={() => owner && mutate(owner)}>{t('pool.assign')}</Button>
      <Button type="text" onClick={onDone}>{t('action.cancel')}</Button>
    </div>
  );
}
