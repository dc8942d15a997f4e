import { useState } from 'react';
import { DatePicker, Input, InputNumber, Segmented, Select } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import { useAllRecords } from '@/api/records';
import { useSession } from '@/api/session';
import type { SavedView } from '@/api/types';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { instantOfWall, wallOfInstant } from '@/format/zone';
import type { Draft } from './mailings';

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
}

function Field({ label, hint, children }: { label: string; hint?: string; children: React.ReactNode }) {
  return <div className="mailing-field"><span className="small-text t2">{label}</span>{children}{hint && <span className="small-text t2">{hint}</span>}</div>;
}

/** The condition of a list somebody saved, taken over as it is now. */
function ViewSelect({ draft, onChange }: Props) {
  const { t } = useTranslation();
  const { data } = useAllRecords('saved_views', { where: { field: 'entity_name', op: 'eq', value: draft.entity_name } });
  const views = (data?.data ?? []) as SavedView[];
  if (views.length === 0) return null;
  return (
    <Select
      aria-label={t('mailings.from_view')} placeholder={t('mailings.from_view')} value={null} options={views.map(({ id, name }) => ({ value: id, label: String(name) }))}
      onChange={(id: string | null) => onChange({ ...draft, audience: views.find((one) => one.id === id)?.definition.where ?? null })}
    />
  );
}

function Whom({ draft, onChange }: Props) {
  const { t } = useTranslation();
  const model = useModel();
  const entity = model.named(draft.entity_name);
  const kinds = (['person', 'lead'] as const).flatMap((name) => { const one = model.named(name); return one ? [{ value: name, label: one.label_plural }] : []; });
  return (
    <section>
      <h2>{t('mailings.whom')}</h2>
      <div className="row wrap">
        <Segmented aria-label={t('mailings.whom')} value={draft.entity_name} options={kinds} onChange={(entity_name) => onChange({ ...draft, entity_name, audience: null })} />
        <ViewSelect draft={draft} onChange={onChange} />
      </div>
      <Field label={t('mailings.segment')} hint={t('mailings.segment_hint')}><ReferenceSelect target="segment" label={t('mailings.segment')} value={draft.segment_id} onChange={(segment_id) => onChange({ ...draft, segment_id })} /></Field>
      <Field label={draft.segment_id ? t('mailings.and_where') : t('mailings.or_where')}>
        {entity && <ConditionEditor key={`${draft.entity_name} ${JSON.stringify(draft.audience) === 'null' ? 'none' : 'some'}`} entity={entity} value={draft.audience} onChange={(audience) => onChange({ ...draft, audience })} />}
      </Field>
    </section>
  );
}

/** What a zone's clocks are ahead of UTC at an instant, "UTC+08:00". */
const offsetOf = (zone: string, at: string | null) => new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
  .formatToParts(at ? new Date(at) : new Date()).find(({ type }) => type === 'timeZoneName')?.value.replace('GMT', 'UTC') ?? zone;

function When({ draft, onChange }: Props) {
  const { t } = useTranslation();
  const { company } = useSession();
  const [zone, setZone] = useState(company.time_zone);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = [...new Set([company.time_zone, own, ...Intl.supportedValuesOf('timeZone')])];
  const chosen = draft.starts_at ? t('mailings.in_zone', { zone: `${zone} ${offsetOf(zone, draft.starts_at)}` }) : undefined;
  const elsewhere = draft.starts_at && zone !== company.time_zone
    ? t('mailings.in_company', { at: wallOfInstant(draft.starts_at, company.time_zone).slice(0, 16).replace('T', ' '), zone: company.time_zone }) : undefined;
  return (
    <section>
      <h2>{t('mailings.when')}</h2>
      <div className="mailing-three">
        <Field label={t('mailings.starts_at')} hint={[chosen, elsewhere].filter(Boolean).join(' · ')}>
          <DatePicker
            showTime={{ format: 'HH:mm', minuteStep: 5 }} format="YYYY-MM-DD HH:mm" aria-label={t('mailings.starts_at')} placeholder={t('mailings.now')} value={draft.starts_at ? dayjs(wallOfInstant(draft.starts_at, zone)) : null}
            onChange={(next) => onChange({ ...draft, starts_at: next ? instantOfWall(next.format('YYYY-MM-DDTHH:mm'), zone) : null })}
          />
          <Select aria-label={t('mailings.zone')} value={zone} showSearch options={zones.map((value) => ({ value }))} onChange={setZone} />
        </Field>
        <Field label={t('mailings.spread')}><InputNumber aria-label={t('mailings.spread')} min={0} max={168} precision={0} value={draft.spread_hours} onChange={(hours) => onChange({ ...draft, spread_hours: hours ?? 0 })} /></Field>
        <Field label={t('mailings.per_hour')}><InputNumber aria-label={t('mailings.per_hour')} min={0} max={3600000} precision={0} value={draft.per_hour} onChange={(n) => onChange({ ...draft, per_hour: n ?? 0 })} /></Field>
      </div>
    </section>
  );
}

/** The whole draft. */
export function DraftForm({ draft, onChange }: Props) {
  const { t } = useTranslation();
  const text = (name: 'name' | 'sender_name' | 'sender_address' | 'reply_to' | 'utm_source' | 'utm_campaign' | 'utm_content', label: string, placeholder = '') => (
    <Field label={label}><Input aria-label={label} placeholder={placeholder} maxLength={120} value={draft[name] ?? ''} onChange={({ target }) => onChange({ ...draft, [name]: name === 'name' ? target.value : target.value || null })} /></Field>
  );
  return (
    <>
      <section>
        {text('name', t('mailings.name'))}
        <Field label={t('mailings.template')}><ReferenceSelect target="mail_template" label={t('mailings.template')} value={draft.template_id} onChange={(template_id) => onChange({ ...draft, template_id })} /></Field>
      </section>
      <Whom draft={draft} onChange={onChange} />
      <When draft={draft} onChange={onChange} />
      <section>
        <h2>{t('mailings.sender')}</h2>
        <div className="mailing-three">
          {text('sender_name', t('mails.from_name'), t('mailings.as_account'))}
          {text('sender_address', t('mails.from_address'), t('mailings.as_account'))}
          {text('reply_to', t('mails.reply_to'), t('mailings.as_account'))}
        </div>
      </section>
      <section>
        <h2>{t('mailings.campaign')}</h2>
        <Field label={t('mailings.campaign')}><ReferenceSelect target="campaign" label={t('mailings.campaign')} value={draft.campaign_id} onChange={(campaign_id) => onChange({ ...draft, campaign_id })} /></Field>
        <div className="mailing-three">
          {text('utm_source', 'utm_source', 'email')}
          {text('utm_campaign', 'utm_campaign', t('mailings.utm_campaign'))}
          {text('utm_content', 'utm_content')}
        </div>
      </section>
    </>
  );
}
