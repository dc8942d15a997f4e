import { useEffect, useMemo, useState } from 'react';
import { Button, Form } from 'antd';
import { useLocation, useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { recordPath } from '@/api/meta';
import { useCreateRecord } from '@/api/records';
import { useSession } from '@/api/session';
import { offerApproval } from '@/app/held';
import { RecordForm, formFields, startValues } from '@/field/RecordForm';
import { SideSheet } from '@/part/SideSheet';
import type { CreateRequest } from './create';

const shortForm = 9;

/** The form for a new record; first the fields that matter, all of them on request. */
export default function CreateDialog({ request, onClose }: { request: CreateRequest; onClose: () => void }) {
  const { t } = useTranslation();
  const { entity, values, onCreated } = request;
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [begunAt] = useState(pathname);
  useEffect(() => { if (pathname !== begunAt) onClose(); }, [pathname, begunAt, onClose]);
  const { user } = useSession();
  const [form] = Form.useForm();
  const [all, setAll] = useState(false);
  const { mutate, error, isPending, isSuccess } = useCreateRecord(entity.plural);
  const every = useMemo(() => formFields(entity), [entity]);
  const fields = useMemo(() => {
    const given = new Set(Object.keys(values ?? {}));
    return all ? every : every.filter((field, index) => index < shortForm || field.required || given.has(field.name));
  }, [all, every, values]);
  const initial = { ...startValues(every), ...(entity.owned && every.some((field) => field.name === 'owner_id') ? { owner_id: user.id } : {}), ...values };

  const submit = (filled: Record<string, unknown>) => {
    const body = Object.fromEntries(
      Object.entries({ ...values, ...filled }).filter(([, value]) => value !== undefined && value !== null),
    );
    mutate(body, {
      onError: (problem) => {
        offerApproval(problem, { plural: entity.plural, title: String(body[entity.title_field ?? ''] ?? entity.label), record: body, onAsked: onClose });
      },
      onSuccess: (record) => {
        onClose();
        if (onCreated) onCreated(record);
        else void navigate(recordPath(entity, record.id));
      },
    });
  };
  return (
    <SideSheet
      onClose={onClose}
      title={t('frame.create_one', { entity: entity.label })}
      width={412} settled={isPending || isSuccess}
      footer={(
        <div className="row">
          <Button type="primary" loading={isPending} onClick={() => form.submit()}>{t('action.save')}</Button>
          <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      )}
    >
      <RecordForm entity={entity} form={form} fields={fields} values={initial} grouped={all} onSubmit={submit} error={error} />
      {!all && every.length > fields.length && (
        <button type="button" className="link" onClick={() => setAll(true)}>{t('form.all_fields', { count: every.length })}</button>
      )}
    </SideSheet>
  );
}
