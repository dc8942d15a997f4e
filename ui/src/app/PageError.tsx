import { Button } from 'antd';
import { useRouteError } from 'react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Forbidden, NotThere } from '@/part/Refusal';

/** In place of a page that failed: the server's refusal, or a page that broke. */
export function PageError() {
  const { t } = useTranslation();
  const error = useRouteError();
  if (error instanceof ApiError && error.status === 403) return <Forbidden />;
  if (error instanceof ApiError && error.status === 404) return <NotThere />;
  if (error instanceof ApiError) {
    return <div className="pad-page"><ErrorNotice error={error} onRetry={() => window.location.reload()} /></div>;
  }
  return (
    <Empty page title={t('state.page_broken')} hint={t('state.page_broken_hint')}>
      <Button type="primary" onClick={() => window.location.reload()}>{t('action.reload')}</Button>
    </Empty>
  );
}
