import { useState } from 'react';
import { AutoComplete, Button, Input, InputNumber, Radio, Select } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { fieldsFor } from '@/pages/forms/forms';
import { useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { pathsIn, type Mapped, type WebhookConfig } from './sources';

const campaignIds = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'gclid', 'bd_vid', 'qz_gdt', 'clickid', 'ttclid', 'fbclid', 'msclkid'];

interface Props {
  sourceId: string | null;
  config: WebhookConfig;
  onChange: (config: WebhookConfig) => void;
  errorAt: (pointer: string) => string | undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An example of what the platform sends: paths to choose from, and what would become of it. */
function Example({ sourceId, config, text, onText }: { sourceId: string | null; config: WebhookConfig; text: string; onText: (text: string) => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const payload = parsed(text);
  const trial = useMutation({
    mutationFn: () => api.post<{ fields: Record<string, string>; refused: string }>(`/sources/${sourceId}/try`, { payload, config }),
  });
  const lead = useModel().named('lead');
  const label = (name: string) => lead?.fields.find((field) => field.name === name)?.label ?? name;
  return (
    <div className="source-field">
      <span className="small-text t2">{t('sources.example')}</span>
      <Input.TextArea aria-label={t('sources.example')} value={text} autoSize={{ minRows: 4, maxRows: 12 }} onChange={(event) => onText(event.target.value)} />
      <span className={text && payload === undefined ? 'bad small-text' : 't3 small-text'}>{t(text && payload === undefined ? 'sources.no_json' : 'sources.example_hint')}</span>
      {sourceId && <div className="row"><Button size="small" disabled={payload === undefined} loading={trial.isPending} onClick={() => trial.mutate()}>{t('sources.try')}</Button></div>}
      {trial.error && <span className="bad small-text">{errorText(trial.error)}</span>}
      {trial.data && (
        <div className={trial.data.refused ? 'notice bad' : 'notice'}>
          {trial.data.refused && <b>{t('sources.would_fail', { why: trial.data.refused })}</b>}
          <dl className="source-tried">{Object.entries(trial.data.fields).map(([name, value]) => <div key={name}><dt className="t3">{label(name)}</dt><dd>{value}</dd></div>)}</dl>
        </div>
      )}
    </div>
  );
}

/** How a program signs, and what of what it sends is what. */
export function WebhookConfigEditor({ sourceId, config, onChange, errorAt }: Props) {
  const { t } = useTranslation();
  const lead = useModel().named('lead');
  const [example, setExample] = useState('');
  const paths = pathsIn(parsed(example)).map((value) => ({ value }));
  const fields = [
    { label: lead?.label ?? '', options: fieldsFor(lead).map(({ name, label }) => ({ value: name, label })) },
    { label: t('sources.campaign_ids'), options: campaignIds.map((value) => ({ value, label: value })) },
  ];
  const set = (change: Partial<WebhookConfig>) => onChange({ ...config, ...change });
  const setMap = (index: number, change: Partial<Mapped>) => set({ map: config.map.map((each, at) => (at === index ? { ...each, ...change } : each)) });
  const text = (name: 'header' | 'timestamp_header' | 'id_path' | 'source' | 'campaign', label: string, hint?: string) => (
    <label className="source-field"><span className="small-text t2">{label}</span><Input value={config[name] ?? ''} maxLength={120} onChange={(event) => set({ [name]: event.target.value })} />
      {errorAt(`/config/${name}`) ? <span className="bad small-text">{errorAt(`/config/${name}`)}</span> : hint && <span className="t3 small-text">{hint}</span>}
    </label>
  );
  return (
    <>
      <div className="source-field"><span className="small-text t2">{t('sources.signature')}</span>
        <Radio.Group value={config.signature} onChange={(event) => set({ signature: event.target.value as WebhookConfig['signature'] })}>
          <Radio value="standard">{t('sources.signature_standard')}</Radio><Radio value="hex">{t('sources.signature_hex')}</Radio>
        </Radio.Group>
      </div>
      {config.signature === 'hex' && <div className="form-pair">{text('header', t('sources.header'), 'X-Signature')}{text('timestamp_header', t('sources.timestamp_header'), t('sources.timestamp_hint'))}</div>}
      <div className="form-pair">
        {text('id_path', t('sources.id_path'), t('sources.id_hint'))}
        <label className="source-field"><span className="small-text t2">{t('sources.window')}</span><InputNumber className="full-width" min={10} max={86400} value={config.window_seconds ?? 300} onChange={(seconds) => set({ window_seconds: seconds ?? 300 })} /></label>
      </div>
      <div className="form-pair">{text('source', t('sources.source'))}{text('campaign', t('sources.campaign'))}</div>
      <Example sourceId={sourceId} config={config} text={example} onText={setExample} />
      <fieldset className="form-words">
        <legend className="small-text t2">{t('sources.map')}</legend>
        <ul className="form-options">
          {config.map.map((each, index) => (
            <li key={index}>
              <div className="row">
                <AutoComplete aria-label={t('sources.path_of', { number: index + 1 })} className="source-path" value={each.path} options={paths} placeholder="data.phone" onChange={(path: string) => setMap(index, { path })} />
                <span className="t3">→</span>
                <Select aria-label={t('sources.field_of', { number: index + 1 })} className="grow" showSearch={{ optionFilterProp: 'label' }} value={each.field || undefined} options={fields} onChange={(field: string) => setMap(index, { field })} />
                <IconButton small icon="close" label={t('action.remove')} onClick={() => set({ map: config.map.filter((_, at) => at !== index) })} />
              </div>
              <span className="bad small-text">{errorAt(`/config/map/${index}/path`) ?? errorAt(`/config/map/${index}/field`)}</span>
            </li>
          ))}
        </ul>
        <button type="button" className="quiet-button small" onClick={() => set({ map: [...config.map, { path: '', field: '' }] })}><Icon name="plus" size={14} />{t('sources.add_map')}</button>
        {errorAt('/config/map') && <span className="bad small-text">{errorAt('/config/map')}</span>}
      </fieldset>
    </>
  );
}
