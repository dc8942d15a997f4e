import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/part/Icon';
import { CaptureList, useCaptures } from './CaptureList';

/** Leads that programs post by the public interface, and the program's own page. */
export function ApiPage() {
  const { t } = useTranslation();
  const captures = useCaptures({ kind: 'api', place: null, state: '' });
  const example = `curl -X POST ${location.origin}/api/v1/public/leads \\\n  -H 'Content-Type: application/json' -H 'Idempotency-Key: …' \\\n  -d '{"name": "…", "phone": "…", "source": "…", "extra": {"utm_term": "…"}}'`;
  return (
    <div className="page">
      <header className="page-head"><Link to="/sources" className="icon-button" aria-label={t('action.back')}><Icon name="left" size={16} /></Link><h1>{t('sources.kind_api')}</h1></header>
      <div className="scroll-y sources-body">
        <p className="t2">{t('sources.api_hint')}</p>
        <pre className="form-snippet" tabIndex={0} aria-label={t('sources.example')}>{example}</pre>
        <CaptureList query={captures} />
      </div>
    </div>
  );
}
