import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCopy } from '@/part/useCopy';
import type { AnyConfig, MadeKind } from './sources';

function Copied({ label, text, once }: { label: string; text: string; once?: boolean }) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <div className="source-field">
      <span className="small-text t2">{label}{once && <b className="warn"> · {t('sources.once')}</b>}</span>
      <div className="row"><code className="settings-secret grow">{text}</code><Button size="small" onClick={() => copy(text)}>{t('action.copy')}</Button></div>
    </div>
  );
}

interface Props {
  kind: MadeKind;
  path: string;
  /** Known only right after it was made. */
  secret?: string;
  config: AnyConfig;
}

/** For the site's server and its pages; any language has a library of tokens. */
const siteCode = (key: string) => `// Node.js, npm install jsonwebtoken
const token = jwt.sign(
  { iss: '${key}', sub: user.id, email: user.email, phone: user.phone, name: user.name },
  SECRET, { algorithm: 'HS256', expiresIn: '1h' });

<script>
window.guantong = window.guantong || function () { (guantong.q = guantong.q || []).push(arguments); };
guantong('identify', '<%= token %>');
</script>`;

/** What to put in where, over there. */
export function Instructions({ kind, path, secret, config }: Props) {
  const { t } = useTranslation();
  const url = location.origin + path;
  const header = config.header || 'X-Signature';
  const named = config.timestamp_header;
  const how = config.signature === 'hex'
    ? t(named ? 'sources.how_hex_time' : 'sources.how_hex', { header, time: named })
    : t('sources.how_standard');
  return (
    <div className="source-form">
      <Copied label={t('sources.url')} text={url} />
      {secret && <Copied once label={t(kind === 'wechat' ? 'sources.token' : 'sources.secret')} text={secret} />}
      {kind !== 'webhook' && <ol className="source-steps">{([1, 2, 3, 4] as const).map((step) => <li key={step}>{t(`sources.${kind}_step${step}`)}</li>)}</ol>}
      {kind === 'site' && <pre className="form-snippet" tabIndex={0}>{siteCode(path.replace('/hook/', ''))}</pre>}
      {kind === 'webhook' && <p className="t2">{how}</p>}
      {kind === 'webhook' && <p className="t3 small-text">{t('sources.how_answer')}</p>}
    </div>
  );
}
