import { useEffect, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { ErrorNotice } from '@/part/ErrorNotice';
import type { Design, Tongue } from './forms';

export type Device = 'desk' | 'phone';

interface Shown {
  page: string;
  thanks: string;
}

/**
 * The very page a visitor would get, made by the server of the draft as it stands. Each page has a frame of its own:
 * Chromium leaves a sandboxed frame blank whose srcdoc changes while the one before is still being loaded.
 */
export function Preview({ design, tongue, device, thanks }: { design: Design; tongue: Tongue; device: Device; thanks: boolean }) {
  const { t } = useTranslation();
  const [settled, setSettled] = useState(design);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(design), 300);
    return () => clearTimeout(timer);
  }, [design]);
  const { data, error, refetch } = useQuery({
    queryKey: ['form_preview', settled, tongue],
    queryFn: () => api.post<Shown>('/forms/preview', { design: settled, language: tongue }),
    placeholderData: (before: Shown | undefined) => before,
  });
  if (error) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  const page = thanks ? data?.thanks : data?.page;
  return (
    <div className={`form-preview ${device}`}>
      {page && <iframe key={page} title={t('forms.preview')} sandbox="allow-scripts" srcDoc={page} />}
    </div>
  );
}
