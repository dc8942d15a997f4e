import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';

/** Of what is wrong with several fields the first. */
const toldMost = 3;

/** What happened, what is safe and what to do, at the top of the region that failed. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const offline = error instanceof ApiError && error.status === 0;
  const problem = error instanceof ApiError ? error.problem : null;
  const title = offline ? t('state.error_network') : (problem?.title ?? t('state.error_server'));
  const wrong = [...new Set(problem?.errors?.map(({ message }) => message))].slice(0, toldMost).join(' · ');
  const hint = offline ? t('state.error_network_hint') : [problem?.detail ?? t('state.error_server_hint'), wrong].filter(Boolean).join(' ');
  return (
    <div className="notice bad" role="alert">
      <b>{title}</b>
      <p>{hint}</p>
      <div className="row">
        {onRetry && <Button size="small" onClick={onRetry}>{t('action.retry')}</Button>}
        {problem?.request_id && <span className="t3 small-text">{t('state.error_number', { id: problem.request_id })}</span>}
      </div>
    </div>
  );
}

/** The message of an error for a line under a field or in a sentence. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return t('state.error_server');
    if (error.status === 0) return t('state.error_network');
    return error.problem.errors?.[0]?.message ?? error.problem.detail ?? error.problem.title;
  };
}
