import { Input, InputNumber, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useMay } from '@/api/session';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { IconButton } from '@/part/IconButton';
import { WordsInput } from './Properties';
import type { Design } from './forms';

interface Props {
  design: Design;
  onChange: (change: Partial<Design>, key: string) => void;
}

/** Who is told of each submission. */
function Notified({ design, onChange }: Props) {
  const { t } = useTranslation();
  const notify = design.notify ?? [];
  return (
    <fieldset className="form-words">
      <legend className="small-text t2">{t('forms.notify')}</legend>
      {[...notify, ''].slice(0, 20).map((id, index) => (
        <span key={`${id}:${index}`} className="row">
          <ReferenceSelect target="user" label={t('forms.notify_who')} value={id || null} clearable={false} onChange={(next) => next && onChange({ notify: notify.map((old, at) => (at === index ? next : old)).concat(id ? [] : [next]) }, 'notify')} />
          {id && <IconButton small icon="close" label={t('action.remove')} onClick={() => onChange({ notify: notify.filter((_, at) => at !== index) }, 'notify')} />}
        </span>
      ))}
    </fieldset>
  );
}

function Thanks({ design, onChange }: Props) {
  const { t } = useTranslation();
  const thanks = design.thanks ?? {};
  const away = thanks.url !== undefined && thanks.url !== '';
  return (
    <section className="section">
      <div className="section-head"><h2>{t('forms.after')}</h2></div>
      <WordsInput label={t('forms.message')} long most={4000} value={thanks.message} onChange={(message) => onChange({ thanks: { ...thanks, message } }, 'message')} />
      <label><span className="small-text t2">{t('forms.url')}</span><Input value={thanks.url ?? ''} inputMode="url" placeholder="https://" maxLength={500} onChange={(event) => onChange({ thanks: { ...thanks, url: event.target.value } }, 'url')} /></label>
      <p className="t3 small-text">{t(away ? 'forms.url_away' : 'forms.url_hint')}</p>
    </section>
  );
}

function Owner({ design, onChange }: Props) {
  const { t } = useTranslation();
  const mayRules = useMay()('pools:manage');
  const fixed = design.owner_id !== undefined && design.owner_id !== '';
  return (
    <section className="section">
      <div className="section-head"><h2>{t('forms.whose')}</h2></div>
      <Radio.Group value={fixed || design.owner_id === '' ? 'user' : 'rules'} onChange={(event) => onChange({ owner_id: event.target.value === 'user' ? '' : undefined }, 'owner')}>
        <Radio value="rules">{t('forms.by_rules')}</Radio><Radio value="user">{t('forms.by_user')}</Radio>
      </Radio.Group>
      {design.owner_id === undefined
        ? <p className="t3 small-text">{t('forms.by_rules_hint')} {mayRules && <Link to="/settings/assignment">{t('forms.to_rules')}</Link>}</p>
        : <ReferenceSelect target="user" label={t('forms.owner')} value={design.owner_id || null} onChange={(owner) => onChange({ owner_id: owner ?? '' }, 'owner')} />}
    </section>
  );
}

/** What the form as a whole is and does. */
export function FormProperties({ design, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <div className="form-properties-body">
      <WordsInput label={t('forms.heading')} value={design.title} onChange={(title) => onChange({ title }, 'title')} />
      <WordsInput label={t('forms.intro')} long most={4000} value={design.intro} onChange={(intro) => onChange({ intro }, 'intro')} />
      <WordsInput label={t('forms.button')} most={40} value={design.button} onChange={(button) => onChange({ button }, 'button')} />
      <Thanks design={design} onChange={onChange} />
      <section className="section">
        <div className="section-head"><h2>{t('forms.where_from')}</h2></div>
        <label><span className="small-text t2">{t('forms.source')}</span><Input value={design.source ?? ''} maxLength={60} onChange={(event) => onChange({ source: event.target.value }, 'source')} /></label>
        <label><span className="small-text t2">{t('forms.campaign')}</span><Input value={design.campaign ?? ''} maxLength={120} onChange={(event) => onChange({ campaign: event.target.value }, 'campaign')} /></label>
        <p className="t3 small-text">{t('forms.source_hint')}</p>
      </section>
      <Owner design={design} onChange={onChange} />
      <section className="section">
        <Notified design={design} onChange={onChange} />
      </section>
      <section className="section">
        <div className="section-head"><h2>{t('forms.against')}</h2></div>
        <div className="form-pair">
          <label><span className="small-text t2">{t('forms.rate')}</span><InputNumber className="full-width" min={1} max={600} value={design.rate_per_minute ?? 20} onChange={(rate) => onChange({ rate_per_minute: rate ?? 20 }, 'rate')} /></label>
          <label><span className="small-text t2">{t('forms.seconds')}</span><InputNumber className="full-width" min={0} max={60} value={design.minimum_seconds ?? 2} onChange={(seconds) => onChange({ minimum_seconds: seconds ?? 2 }, 'seconds')} /></label>
        </div>
        <p className="t3 small-text">{t('forms.against_hint')}</p>
      </section>
    </div>
  );
}
