import { useState } from 'react';
import { Button } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Who } from '@/api/approvals';
import { api } from '@/api/client';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { useFormat } from '@/format/useFormat';
import { DayInput } from '@/part/DayInput';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';

interface Order {
  delegate: Who | null;
  first_date: string;
  last_date: string;
}

const key = ['approvals', 'delegate'];

export function useDelegate() {
  return useQuery({ queryKey: key, queryFn: () => api.get<Order>('/approvals/delegate') });
}

/** Who answers for me, from when to when. */
export function DelegateDrawer({ order, onClose }: { order: Order; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const today = format.dayKey(new Date());
  const [user, setUser] = useState<string | null>(order.delegate?.id ?? null);
  const [first, setFirst] = useState(order.first_date || today);
  const [last, setLast] = useState(order.last_date || today);
  const done = async () => { await client.invalidateQueries({ queryKey: key }); onClose(); };
  const save = useMutation({ mutationFn: () => api.put('/approvals/delegate', { user_id: user, first_date: first, last_date: last }), onSuccess: done });
  const end = useMutation({ mutationFn: () => api.delete('/approvals/delegate'), onSuccess: done });
  const error = save.error ?? end.error;
  return (
    <SideSheet
      onClose={onClose} width={420} settled={save.isPending || save.isSuccess} title={t('approvals.deputy')}
      footer={(
        <div className="row">
          <Button type="primary" loading={save.isPending} disabled={!user || !first || !last} onClick={() => save.mutate()}>{t('action.save')}</Button>
          {order.delegate && <Button loading={end.isPending} onClick={() => end.mutate()}>{t('approvals.deputy_end')}</Button>}
        </div>
      )}
    >
      <div className="rule-form">
        {error && <ErrorNotice error={error} />}
        <p className="t2">{t('approvals.deputy_hint')}</p>
        <label><span className="small-text t2">{t('approvals.deputy_who')}</span><ReferenceSelect className="full-width" target="user" label={t('approvals.deputy_who')} value={user} title={user === order.delegate?.id ? order.delegate?.name : undefined} onChange={setUser} /></label>
        <label><span className="small-text t2">{t('approvals.from')}</span><DayInput label={t('approvals.from')} value={first} onChange={setFirst} /></label>
        <label><span className="small-text t2">{t('approvals.until')}</span><DayInput label={t('approvals.until')} value={last} first={first} onChange={setLast} /></label>
      </div>
    </SideSheet>
  );
}
