import { useMemo } from 'react';
import { Button, Form } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApprovalVerb, type Approval } from '@/api/approvals';
import type { Entity } from '@/api/types';
import { message } from '@/app/say';
import { RecordForm, formFields } from '@/field/RecordForm';
import { SideSheet } from '@/part/SideSheet';

/** A new record that was given back: its author mends it and asks again. */
export default function DraftDrawer({ approval, entity, onClose, onDone }: { approval: Approval; entity: Entity; onClose: () => void; onDone?: (after: Approval) => void }) {
  const { t } = useTranslation();
  const run = useApprovalVerb(entity.plural);
  const [form] = Form.useForm();
  const fields = useMemo(() => formFields(entity), [entity]);
  const values = Object.fromEntries(approval.change.map(({ field, to }) => [field, to.value]));
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: (filled: Record<string, unknown>) => run(approval, 'resubmit', { changes: Object.fromEntries(Object.entries({ ...values, ...filled }).filter(([, value]) => value !== undefined && value !== null)) }),
    onSuccess: (after) => { onClose(); message.info(t('approvals.resubmit_said')); onDone?.(after); },
  });
  return (
    <SideSheet
      onClose={onClose} width={412} settled={isPending || isSuccess} title={t('approvals.edit_draft')}
      footer={<div className="row"><Button type="primary" loading={isPending} onClick={() => form.submit()}>{t('approvals.resubmit')}</Button><Button type="text" onClick={onClose}>{t('action.cancel')}</Button></div>}
    >
      <RecordForm entity={entity} form={form} fields={fields} values={values} grouped onSubmit={mutate} error={error} />
    </SideSheet>
  );
}
