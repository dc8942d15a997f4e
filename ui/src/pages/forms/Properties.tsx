import { Checkbox, Input, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { IconButton } from '@/part/IconButton';
import { Icon } from '@/part/Icon';
import { answersBefore, consentChannels, consentPurposes, fieldsFor, type FormOption, type Question, type Tongue, type Words } from './forms';

interface WordsProps {
  label: string;
  value: Words | undefined;
  onChange: (words: Words) => void;
  long?: boolean;
  most?: number;
}

/** The same words in Chinese and in English. */
export function WordsInput({ label, value, onChange, long, most = 200 }: WordsProps) {
  const { t } = useTranslation();
  const tongues: Tongue[] = ['zh', 'en'];
  return (
    <fieldset className="form-words">
      <legend className="small-text t2">{label}</legend>
      {tongues.map((tongue) => {
        const shared = {
          'aria-label': `${label} ${t(`forms.tongue_${tongue}`)}`, value: value?.[tongue] ?? '', maxLength: most,
          onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => onChange({ ...value, [tongue]: event.target.value }),
        };
        return (
          <span key={tongue} className="row"><span className="t3 small-text form-tongue">{t(`forms.tongue_${tongue}`)}</span>
            {long ? <Input.TextArea {...shared} autoSize={{ minRows: 2, maxRows: 8 }} /> : <Input {...shared} />}
          </span>
        );
      })}
    </fieldset>
  );
}

function Options({ options, onChange }: { options: FormOption[]; onChange: (options: FormOption[]) => void }) {
  const { t } = useTranslation();
  const set = (index: number, change: Partial<FormOption>) => onChange(options.map((option, at) => (at === index ? { ...option, ...change } : option)));
  return (
    <fieldset className="form-words">
      <legend className="small-text t2">{t('forms.options')}</legend>
      <ul className="form-options">
        {options.map((option, index) => (
          <li key={index} className="row">
            <Input aria-label={t('forms.option_value', { number: index + 1 })} value={option.value} maxLength={100} onChange={(event) => set(index, { value: event.target.value })} />
            <Input aria-label={t('forms.option_zh', { number: index + 1 })} value={option.zh ?? ''} maxLength={200} placeholder={t('forms.tongue_zh')} onChange={(event) => set(index, { zh: event.target.value })} />
            <Input aria-label={t('forms.option_en', { number: index + 1 })} value={option.en ?? ''} maxLength={200} placeholder="EN" onChange={(event) => set(index, { en: event.target.value })} />
            <IconButton small icon="close" label={t('action.remove')} onClick={() => onChange(options.filter((_, at) => at !== index))} />
          </li>
        ))}
      </ul>
      <button type="button" className="quiet-button small" onClick={() => onChange([...options, { value: `v${options.length + 1}`, zh: '' }])}><Icon name="plus" size={14} />{t('forms.add_option')}</button>
    </fieldset>
  );
}

interface Props {
  questions: Question[];
  index: number;
  tongue: Tongue;
  onChange: (change: Partial<Question>, key: string) => void;
}

function Consent({ question, onChange }: { question: Question; onChange: Props['onChange'] }) {
  const { t } = useTranslation();
  return (
    <>
      <WordsInput label={t('forms.consent_text')} long most={4000} value={question.text} onChange={(text) => onChange({ text }, 'text')} />
      <label><span className="small-text t2">{t('forms.consent_channels')}</span>
        <Select aria-label={t('forms.consent_channels')} mode="multiple" className="full-width" value={question.channels ?? []} onChange={(channels) => onChange({ channels }, 'channels')} options={consentChannels.map((value) => ({ value, label: t(`consent.channel_${value}`) }))} />
      </label>
      <label><span className="small-text t2">{t('forms.consent_purpose')}</span>
        <Select aria-label={t('forms.consent_purpose')} className="full-width" value={question.purpose || 'marketing'} onChange={(purpose) => onChange({ purpose }, 'purpose')} options={consentPurposes.map((value) => ({ value, label: t(`consent.purpose_${value}`) }))} />
      </label>
      <p className="t3 small-text">{t('forms.consent_hint')}</p>
    </>
  );
}

function Particular({ question, onChange }: { question: Question; onChange: Props['onChange'] }) {
  const { t } = useTranslation();
  const text = (name: 'low' | 'high' | 'parameter' | 'value', label: string) => (
    <label><span className="small-text t2">{label}</span><Input value={question[name] ?? ''} maxLength={60} onChange={(event) => onChange({ [name]: event.target.value }, name)} /></label>
  );
  switch (question.type) {
    case 'choice': case 'choices': return <Options options={question.options ?? []} onChange={(options) => onChange({ options }, 'options')} />;
    case 'consent': return <Consent question={question} onChange={onChange} />;
    case 'number': return <div className="form-pair">{text('low', t('forms.low'))}{text('high', t('forms.high'))}</div>;
    case 'hidden': return <>{text('parameter', t('forms.parameter'))}{text('value', t('forms.fixed'))}<p className="t3 small-text">{t('forms.hidden_hint')}</p></>;
    case 'text': case 'long_text': return (
      <label><span className="small-text t2">{t('forms.most')}</span><InputNumber className="full-width" min={1} max={2000} value={question.most ?? (question.type === 'text' ? 200 : 2000)} onChange={(most) => onChange({ most: most ?? undefined }, 'most')} /></label>
    );
    default: return null;
  }
}

/** What one question is. */
export function Properties({ questions, index, tongue, onChange }: Props) {
  const { t } = useTranslation();
  const lead = useModel().named('lead');
  const question = questions[index];
  if (!question) return null;
  const asked = question.type !== 'heading' && question.type !== 'consent';
  const visible = question.type !== 'hidden';
  return (
    <div className="form-properties-body">
      {question.type !== 'consent' && <WordsInput label={t('forms.label')} value={question.label} onChange={(label) => onChange({ label }, 'label')} />}
      {visible && question.type !== 'consent' && <WordsInput label={t('forms.help')} value={question.help} onChange={(help) => onChange({ help }, 'help')} />}
      {asked && (
        <label><span className="small-text t2">{t('forms.maps')}</span>
          <Select
            aria-label={t('forms.maps')} className="full-width" allowClear showSearch={{ optionFilterProp: 'label' }} placeholder={t('forms.maps_none')} value={question.maps || undefined}
            onChange={(maps: string | undefined) => onChange({ maps: maps ?? '' }, 'maps')} options={fieldsFor(lead).map(({ name, label }) => ({ value: name, label }))}
          />
        </label>
      )}
      {visible && question.type !== 'heading' && <Checkbox checked={question.required ?? false} onChange={(event) => onChange({ required: event.target.checked }, 'required')}>{t('forms.required')}</Checkbox>}
      {visible && <Checkbox checked={question.half ?? false} onChange={(event) => onChange({ half: event.target.checked }, 'half')}>{t('forms.half')}</Checkbox>}
      <Particular question={question} onChange={onChange} />
      {visible && index > 0 && (
        <fieldset className="form-words">
          <legend className="small-text t2">{t('forms.show_if')}</legend>
          <ConditionEditor key={question.id} entity={answersBefore(questions, index, tongue, t('forms.questions'))} value={question.show_if} onChange={(show_if) => onChange({ show_if: show_if ?? undefined }, 'show_if')} />
        </fieldset>
      )}
    </div>
  );
}
