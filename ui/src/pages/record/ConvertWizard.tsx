import { useState } from 'react';
import { Button, Checkbox, Drawer, Form, Input, Radio } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, useModel } from '@/api/meta';
import { refreshRecords } from '@/api/records';
import type { ConvertPreview, ConvertResult, Field, RecordRow } from '@/api/types';
import { useSize } from '@/app/preferences';
import { offerUndo } from '@/app/undo';
import { FieldInput } from '@/field/FieldInput';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { SkeletonLines } from '@/part/Skeleton';

interface Filled {
  account: string;
  account_name?: string;
  with_deal: boolean;
  name?: string;
  pipeline_id?: string;
  amount?: unknown;
  expected_close_date?: string;
}

const newAccount = 'new';
const noAccount = 'none';

function bodyOf(filled: Filled) {
  const account = filled.account === noAccount ? null
    : filled.account === newAccount ? { name: filled.account_name } : { id: filled.account };
  const { name, pipeline_id, amount, expected_close_date } = filled;
  return { account, opportunity: filled.with_deal ? { name, pipeline_id, amount, expected_close_date } : null };
}

function Conditions({ preview }: { preview: ConvertPreview }) {
  const { t } = useTranslation();
  if (preview.conditions.length === 0) return null;
  return (
    <section className="wizard-part">
      <h2>{t('convert.conditions')}</h2>
      <ul className="checks">
        {preview.conditions.map((condition) => (
          <li key={condition.text} className={condition.met ? 'ok' : 'warn'}>
            <Icon name={condition.met ? 'check' : 'alert'} size={14} />
            <span className="text">{condition.text}</span>
            <span className="visually-hidden">{condition.met ? t('convert.met') : t('convert.unmet')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function AccountChoice({ preview }: { preview: ConvertPreview }) {
  const { t } = useTranslation();
  const chosen = Form.useWatch<string>('account');
  const found = preview.duplicates.accounts;
  return (
    <section className="wizard-part">
      <h2>{t('convert.account')}</h2>
      {found.length > 0 && <p className="dense t2">{t('convert.found', { count: found.length })}</p>}
      <Form.Item name="account" noStyle>
        <Radio.Group className="choices" aria-label={t('convert.account')}>
          {found.map((account) => (
            <Radio key={account.id} value={account.id}>
              {account.title ?? account.name} {account.reason && <span className="t3 small-text">{account.reason}</span>}
            </Radio>
          ))}
          <Radio value={newAccount}>{t('convert.new_account')}</Radio>
          <Radio value={noAccount}>{t('convert.no_account')}</Radio>
        </Radio.Group>
      </Form.Item>
      {chosen === newAccount && (
        <Form.Item name="account_name" label={t('convert.account_name')} rules={[{ required: true, message: t('login.required') }]}>
          <Input maxLength={200} />
        </Form.Item>
      )}
    </section>
  );
}

function DealPart() {
  const { t } = useTranslation();
  const entity = useModel().named('opportunity');
  const wanted = Form.useWatch<boolean>('with_deal');
  const input = (name: string) => {
    const field: Field | undefined = entity && fieldOf(entity, name);
    return field && <Form.Item key={name} name={name} label={field.label}><FieldInput field={field} /></Form.Item>;
  };
  return (
    <section className="wizard-part">
      <h2>{t('convert.deal')}</h2>
      <Form.Item name="with_deal" valuePropName="checked" noStyle><Checkbox>{t('convert.with_deal')}</Checkbox></Form.Item>
      {wanted && entity && (
        <>
          <Form.Item name="name" label={fieldOf(entity, 'name')?.label} rules={[{ required: true, message: t('login.required') }]}><Input maxLength={200} /></Form.Item>
          <Form.Item name="pipeline_id" label={fieldOf(entity, 'pipeline_id')?.label}><ReferenceSelect target="pipeline" clearable={false} /></Form.Item>
          {['amount', 'expected_close_date'].map(input)}
        </>
      )}
    </section>
  );
}

/** From lead to customer: what must be so, customers that may be the same, the deal; taken back by undo. */
export function ConvertWizard({ lead, onClose }: { lead: RecordRow; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const phone = useSize() === 'phone';
  const [form] = Form.useForm<Filled>();
  const [title] = useState(() => String(lead.name ?? ''));
  const { data: preview, error: previewError, refetch } = useQuery({
    queryKey: ['convert', lead.id, lead.version],
    queryFn: () => api.post<ConvertPreview>(`/leads/${lead.id}/convert/preview`),
  });
  const refreshAll = () => Promise.all(['leads', 'accounts', 'contacts', 'people', 'opportunities'].map((plural) => refreshRecords(client, plural)));
  const { mutate, error, isPending } = useMutation({
    mutationFn: (filled: Filled) => api.post<ConvertResult>(`/leads/${lead.id}/convert`, bodyOf(filled)),
    onSuccess: (result) => {
      onClose();
      void refreshAll();
      if (result.opportunity_id) void navigate(`/opportunities/${result.opportunity_id}`);
      else if (result.account_id) void navigate(`/accounts/${result.account_id}`);
      offerUndo(t('convert.done', { lead: title }), async () => {
        await api.post(`/leads/${lead.id}/unconvert`);
        await refreshAll();
        void navigate(`/leads/${lead.id}`);
      });
    },
  });
  const first = preview?.duplicates.accounts[0]?.id;
  const initial: Filled | undefined = preview && {
    account: first ?? (preview.suggested.account_name ? newAccount : noAccount),
    account_name: preview.suggested.account_name ?? undefined,
    with_deal: true,
    name: preview.suggested.opportunity_name ?? undefined,
    pipeline_id: preview.suggested.pipeline_id ?? undefined,
  };
  return (
    <Drawer
      open onClose={onClose} size={phone ? '100%' : 480} title={t('convert.title', { lead: title })}
      footer={(
        <div className="row">
          <Button type="primary" loading={isPending} disabled={!preview} onClick={() => form.submit()}>{t('lead.convert')}</Button>
          <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      )}
    >
      {(previewError ?? error) && <ErrorNotice error={previewError ?? error} onRetry={previewError ? () => void refetch() : undefined} />}
      {!preview && !previewError && <SkeletonLines count={6} />}
      {preview && (
        <Form form={form} layout="vertical" requiredMark={false} initialValues={initial} onFinish={mutate}>
          <Conditions preview={preview} />
          <AccountChoice preview={preview} />
          <DealPart />
        </Form>
      )}
    </Drawer>
  );
}
