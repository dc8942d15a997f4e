import { Checkbox, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { occasions, type WechatConfig, type WechatRule } from './sources';

interface Props {
  config: WechatConfig;
  onChange: (config: WechatConfig) => void;
  errorAt: (pointer: string) => string | undefined;
}

interface RuleProps {
  rule: WechatRule;
  index: number;
  count: number;
  onChange: (rule: WechatRule) => void;
  onMove: (by: number) => void;
  onRemove: () => void;
  error: string | undefined;
}

function Rule({ rule, index, count, onChange, onMove, onRemove, error }: RuleProps) {
  const { t } = useTranslation();
  const valued = rule.on !== 'follow' && rule.on !== 'message';
  return (
    <li className="wechat-rule">
      <div className="row wrap">
        <Select aria-label={t('sources.occasion')} value={rule.on} popupMatchSelectWidth={false} options={occasions.map((value) => ({ value, label: t(`sources.on_${value}`) }))} onChange={(on) => onChange({ ...rule, on })} />
        {rule.on === 'keyword' && <Select aria-label={t('sources.match')} value={rule.match ?? 'contains'} popupMatchSelectWidth={false} options={(['contains', 'equals'] as const).map((value) => ({ value, label: t(`sources.match_${value}`) }))} onChange={(match) => onChange({ ...rule, match })} />}
        {valued && <Input aria-label={t('sources.value')} className="grow" value={rule.value ?? ''} maxLength={100} placeholder={t(`sources.value_${rule.on as 'keyword' | 'menu' | 'scan'}`)} onChange={(event) => onChange({ ...rule, value: event.target.value })} />}
        <span className="grow" />
        <IconButton small icon="up" label={t('forms.up')} disabled={index === 0} onClick={() => onMove(-1)} />
        <IconButton small icon="down" label={t('forms.down')} disabled={index === count - 1} onClick={() => onMove(1)} />
        <IconButton small icon="close" label={t('action.remove')} onClick={onRemove} />
      </div>
      <Input.TextArea aria-label={t('sources.reply')} placeholder={t('sources.reply')} value={rule.reply ?? ''} maxLength={600} autoSize={{ minRows: 1, maxRows: 6 }} onChange={(event) => onChange({ ...rule, reply: event.target.value })} />
      <div className="row wrap">
        <Checkbox checked={rule.lead ?? false} onChange={(event) => onChange({ ...rule, lead: event.target.checked })}>{t('sources.makes_lead')}</Checkbox>
        <Input aria-label={t('sources.campaign')} className="grow" placeholder={t('sources.campaign')} value={rule.campaign ?? ''} maxLength={120} onChange={(event) => onChange({ ...rule, campaign: event.target.value })} />
      </div>
      {error && <span className="bad small-text">{error}</span>}
    </li>
  );
}

/** What an Official Account does when somebody follows, writes, scans or uses its menu: the first rule that fits. */
export function WechatConfigEditor({ config, onChange, errorAt }: Props) {
  const { t } = useTranslation();
  const rules = config.rules ?? [];
  const set = (change: Partial<WechatConfig>) => onChange({ ...config, rules, ...change });
  const move = (index: number, by: number) => {
    const next = rules.filter((_, at) => at !== index);
    const rule = rules[index];
    if (rule) set({ rules: [...next.slice(0, index + by), rule, ...next.slice(index + by)] });
  };
  const errorOf = (index: number) => ['on', 'value', 'reply', 'campaign'].map((name) => errorAt(`/config/rules/${index}/${name}`)).find(Boolean);
  return (
    <>
      <div className="form-pair">
        <label className="source-field"><span className="small-text t2">AppID</span><Input value={config.app_id ?? ''} maxLength={40} placeholder="wx…" onChange={(event) => set({ app_id: event.target.value.trim() })} /><span className="bad small-text">{errorAt('/config/app_id')}</span></label>
        <label className="source-field"><span className="small-text t2">{t('sources.source')}</span><Input value={config.source ?? ''} maxLength={60} onChange={(event) => set({ source: event.target.value })} /></label>
      </div>
      <fieldset className="form-words">
        <legend className="small-text t2">{t('sources.rules')}</legend>
        <ol className="wechat-rules">
          {rules.map((rule, index) => (
            <Rule
              key={index} rule={rule} index={index} count={rules.length} error={errorOf(index)} onMove={(by) => move(index, by)}
              onChange={(next) => set({ rules: rules.map((each, at) => (at === index ? next : each)) })} onRemove={() => set({ rules: rules.filter((_, at) => at !== index) })}
            />
          ))}
        </ol>
        <button type="button" className="quiet-button small" onClick={() => set({ rules: [...rules, { on: 'keyword', value: '', match: 'contains' }] })}><Icon name="plus" size={14} />{t('sources.add_rule')}</button>
      </fieldset>
    </>
  );
}
