import { useState } from 'react';
import { Input, Modal } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { refreshApprovals, type Approval } from '@/api/approvals';
import { setHeld, type Held } from '@/app/held';
import { message } from '@/app/say';
import { ErrorNotice } from '@/part/ErrorNotice';

/** A change that wants an approval first: ask for it here, with a reason. */
export default function HeldDialog({ held }: { held: Held }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => api.post<Approval>(`/${held.plural}/${held.recordId}/approvals`, { changes: held.changes, reason }),
    onSuccess: async (approval) => {
      const running = approval.steps.find(({ state }) => state === 'running');
      const names = running?.votes.filter(({ state }) => state === 'waiting').map(({ holder }) => holder?.name ?? '').join(t('approvals.comma')) ?? '';
      setHeld(null);
      message.info(names ? t('approvals.asked_said', { names }) : t('approvals.state_approved'));
      await refreshApprovals(client, held.plural);
    },
  });
  return (
    <Modal
      open width={440} title={t('approvals.needed', { process: held.process })} okText={t('approvals.request')} cancelText={t('action.cancel')}
      confirmLoading={isPending} onOk={() => mutate()} onCancel={() => setHeld(null)}
    >
      {error && <ErrorNotice error={error} />}
      <p className="t2">{t('approvals.needed_hint', { record: held.title })}</p>
      <Input.TextArea autoFocus rows={3} maxLength={1000} aria-label={t('approvals.reason')} placeholder={t('approvals.reason')} value={reason} onChange={(event) => setReason(event.target.value)} />
    </Modal>
  );
}
