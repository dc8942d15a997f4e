import { useState } from 'react';
import { Button, Form, Input, Radio } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { heldBy } from '@/api/approvals';
import { api } from '@/api/client';
import { fieldOf, useModel } from '@/api/meta';
import { refreshRecords } from '@/api/records';
import type { ConvertCondition, ConvertPreview, ConvertResult, Duplicate, Field, RecordRow } from '@/api/types';
import { offerApproval } from '@/app/held';
import { offerUndo } from '@/app/undo';
import { Reasons } from '@/condition/Reasons';
import { FieldInput } from '@/field/FieldInput';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { SideSheet } from '@/part/SideSheet';
import { SkeletonLines } from '@/part/Skeleton';
import { accountOf, bodyOf, contactsAt, dealJoined, isAsked, newOne, none, startOf, type Filled } from './convert';

function useFilled(): Partial<Filled> {
  return Form.useWatch((values: Filled) => values) ?? {};
}

function ConditionLine({ condition }: { condition: ConvertCondition }) {
  const { t } = useTranslation();
  const several = !!(condition.parts.all ?? condition.parts.any);
  return (
    <li className={condition.met ? 'ok' : 'warn'}>
      <div className="row">
        <Icon name={condition.met ? 'check' : 'alert'} size={14} />
        <span className="text">{condition.text}</span>
        <span className="visually-hidden">{condition.met ? t('convert.met') : t('convert.unmet')}</span>
      </div>
      {!condition.met && several && <Reasons reason={condition.parts} />}
      {!condition.met && !several && condition.parts.words && <span className="t3 small-text">{condition.parts.words}</span>}
    </li>
  );
}

/** What must be so, of what is being made; of what is not, which part lacks. */
function Conditions({ preview }: { preview: ConvertPreview }) {
  const { t } = useTranslation();
  const filled = useFilled();
  const asked = preview.conditions.filter((condition) => isAsked(condition, preview, filled));
  if (asked.length === 0) return null;
  return (
    <section className="wizard-part">
      <h2>{t('convert.conditions')}</h2>
      <ul className="checks">{asked.map((condition) => <ConditionLine key={condition.id} condition={condition} />)}</ul>
      {asked.some(({ met }) => !met) && <p className="dense warn">{t('convert.not_ready')}</p>}
    </section>
  );
}

function Offered({ offer }: { offer: Duplicate }) {
  return <Radio value={offer.id}>{offer.title} <span className="t3 small-text">{offer.reason}</span></Radio>;
}

function AccountChoice({ preview }: { preview: ConvertPreview }) {
  const { t } = useTranslation();
  const filled = useFilled();
  const found = preview.duplicates.accounts;
  const joined = dealJoined(preview, { deal: filled.deal ?? newOne });
  const contacts = contactsAt(preview, accountOf(preview, { deal: filled.deal ?? newOne, account: filled.account ?? none }));
  const whose = joined?.account_id ? found.find(({ id }) => id === joined.account_id)?.title : undefined;
  return (
    <section className="wizard-part">
      <h2>{t('convert.account')}</h2>
      {joined?.account_id
        ? <p className="dense t2">{whose ? t('convert.account_of_deal', { account: whose }) : t('convert.account_of_the_deal')}</p>
        : (
          <>
            {found.length > 0 && <p className="dense t2">{t('convert.found', { count: found.length })}</p>}
            <Form.Item name="account" noStyle>
              <Radio.Group className="choices" aria-label={t('convert.account')}>
                {found.map((account) => <Offered key={account.id} offer={account} />)}
                <Radio value={newOne}>{t('convert.new_account')}</Radio>
                <Radio value={none}>{t('convert.no_account')}</Radio>
              </Radio.Group>
            </Form.Item>
            {filled.account === newOne && (
              <Form.Item name="account_name" label={t('convert.account_name')} rules={[{ required: true, message: t('login.required') }]}>
                <Input maxLength={120} />
              </Form.Item>
            )}
          </>
        )}
      {contacts.length > 0 && (
        <>
          <h3 className="small-text t2">{t('convert.contact')}</h3>
          <Form.Item name="contact" noStyle>
            <Radio.Group className="choices" aria-label={t('convert.contact')}>
              {contacts.map((contact) => <Offered key={contact.id} offer={contact} />)}
              <Radio value={newOne}>{t('convert.contact_person')}</Radio>
            </Radio.Group>
          </Form.Item>
        </>
      )}
    </section>
  );
}

function DealPart({ preview }: { preview: ConvertPreview }) {
  const { t } = useTranslation();
  const entity = useModel().named('opportunity');
  const filled = useFilled();
  const found = preview.duplicates.opportunities;
  const input = (name: string) => {
    const field: Field | undefined = entity && fieldOf(entity, name);
    return field && <Form.Item key={name} name={name} label={field.label}><FieldInput field={field} /></Form.Item>;
  };
  return (
    <section className="wizard-part">
      <h2>{t('convert.deal')}</h2>
      {found.length > 0 && <p className="dense t2">{t('convert.found_deals', { count: found.length })}</p>}
      <Form.Item name="deal" noStyle>
        <Radio.Group className="choices" aria-label={t('convert.deal')}>
          {found.map((deal) => <Offered key={deal.id} offer={deal} />)}
          <Radio value={newOne}>{t('convert.new_deal')}</Radio>
          <Radio value={none}>{t('convert.no_deal')}</Radio>
        </Radio.Group>
      </Form.Item>
      {filled.deal === newOne && entity && (
        <>
          <Form.Item name="name" label={fieldOf(entity, 'name')?.label} rules={[{ required: true, message: t('login.required') }]}><Input maxLength={120} /></Form.Item>
          <Form.Item name="pipeline_id" label={fieldOf(entity, 'pipeline_id')?.label}><ReferenceSelect target="pipeline" clearable={false} /></Form.Item>
          {['amount', 'expected_close_date'].map(input)}
        </>
      )}
      {dealJoined(preview, { deal: filled.deal ?? newOne }) && <p className="dense t2">{t('convert.joined_hint')}</p>}
    </section>
  );
}

/** From lead to customer: what must be so, what may be the same, the deal; taken back by undo. */
export function ConvertWizard({ lead, onClose }: { lead: RecordRow; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [form] = Form.useForm<Filled>();
  const [title] = useState(() => String(lead.name ?? ''));
  const { data: preview, error: previewError, refetch } = useQuery({
    queryKey: ['convert', lead.id, lead.version],
    queryFn: () => api.post<ConvertPreview>(`/leads/${lead.id}/convert/preview`),
    staleTime: 0,
  });
  const refreshAll = () => Promise.all(['leads', 'accounts', 'contacts', 'people', 'opportunities'].map((plural) => refreshRecords(client, plural)));
  const { mutate, error, isPending, isSuccess } = useMutation({
    mutationFn: (body: ReturnType<typeof bodyOf>) => api.post<ConvertResult>(`/leads/${lead.id}/convert`, body),
    onSuccess: (result) => {
      onClose();
      void refreshAll();
      if (result.opportunity_id) void navigate(`/opportunities/${result.opportunity_id}`);
      else if (result.account_id) void navigate(`/accounts/${result.account_id}`);
      offerUndo(t(result.joined ? 'convert.joined' : 'convert.done', { lead: title }), async () => {
        /* First away from what is about to go: it is not asked for any more. */
        await navigate(`/leads/${lead.id}`);
        await api.post(`/leads/${lead.id}/unconvert`);
        await refreshAll();
      });
    },
    onError: (problem, parameters) => {
      offerApproval(problem, { plural: 'leads', title, recordId: lead.id, verb: { name: 'convert', parameters }, onAsked: onClose });
    },
  });
  const waits = preview?.waits;
  const shownError = previewError ?? (heldBy(error) === null ? error : null);
  return (
    <SideSheet
      onClose={onClose} width={480} settled={isPending || isSuccess} title={t('convert.title', { lead: title })}
      footer={(
        <div className="row">
          <Button type="primary" loading={isPending} disabled={!preview || waits?.state === 'pending'} onClick={() => form.submit()}>{t('lead.convert')}</Button>
          <Button type="text" onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      )}
    >
      {shownError && <ErrorNotice error={shownError} onRetry={previewError ? () => void refetch() : undefined} />}
      {waits && (
        <p className="notice">
          {t(waits.state === 'pending' ? 'convert.waits' : 'convert.returned', { process: waits.process })}
          {' '}<Link to={`/approvals/${waits.approval_id}`}>{t('convert.see_approval')}</Link>
        </p>
      )}
      {!preview && !previewError && <SkeletonLines count={6} />}
      {preview && (
        <Form form={form} layout="vertical" requiredMark={false} initialValues={startOf(preview)} onFinish={() => mutate(bodyOf(preview, form.getFieldsValue(true) as Filled))}>
          <Conditions preview={preview} />
          <DealPart preview={preview} />
          <AccountChoice preview={preview} />
        </Form>
      )}
    </SideSheet>
  );
}
