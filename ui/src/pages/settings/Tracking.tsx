import { Button } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { useCopy } from '@/part/useCopy';

interface Seen {
  at: string;
  type: string;
  data: { path?: string; title?: string; name?: string; dwell_ms?: number };
}

interface TrackingState {
  script: string;
  pages_today: number;
  visitors_today: number;
  visitors: number;
  identified: number;
  recent: Seen[];
}

const types = ['page.viewed', 'page.left', 'link.clicked', 'form.started', 'custom.happened'] as const;
const figures = ['pages_today', 'visitors_today', 'visitors', 'identified'] as const;

function Snippet({ label, hint, code }: { label: string; hint: string; code: string }) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <section>
      <h2>{label}</h2>
      <p className="t2 dense">{hint}</p>
      <code className="settings-secret snippet">{code}</code>
      <Button size="small" onClick={() => copy(code)}>{t('action.copy')}<span className="visually-hidden"> {label}</span></Button>
    </section>
  );
}

function Recent({ items }: { items: Seen[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = (seen: Seen) => {
    const type = types.find((candidate) => candidate === seen.type);
    return type ? t(`tracking.${type}`) : seen.type;
  };
  if (items.length === 0) return <Empty title={t('tracking.none')} hint={t('tracking.none_hint')} />;
  return (
    <TableScroll label={t('tracking.recent')}>
      <table className="plain-table">
        <thead><tr><th>{t('settings.at')}</th><th>{t('tracking.event')}</th><th>{t('tracking.page')}</th><th className="num">{t('tracking.dwell')}</th></tr></thead>
        <tbody>
          {items.map((seen, index) => (
            <tr key={`${seen.at}-${index}`}>
              <td className="nowrap">{format.instant(seen.at)}</td>
              <td>{words(seen)}{seen.data.name && ` ${seen.data.name}`}</td>
              <td>{[seen.data.path, seen.data.title].filter(Boolean).join(' · ')}</td>
              <td className="num">{seen.data.dwell_ms ? format.duration(seen.data.dwell_ms / 1000) : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** The script for the company's site, and whether anything arrives. */
export function Tracking() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery({ queryKey: ['tracking'], queryFn: () => api.get<TrackingState>('/tracking'), refetchInterval: 5000 });
  const address = `${window.location.origin}${data?.script ?? '/t.js'}`;
  return (
    <>
      <Snippet label={t('tracking.snippet')} hint={t('tracking.snippet_hint')} code={`<script src="${address}" defer></script>`} />
      <Snippet label={t('tracking.consent')} hint={t('tracking.consent_hint')} code={`<script src="${address}" data-consent="required" defer></script>\n<button onclick="guantong('consent', 'granted')">…</button>`} />
      <Snippet label={t('tracking.form')} hint={t('tracking.form_hint')} code={`<form method="post" action="${window.location.origin}/f/lead" data-guantong>`} />
      <Snippet label={t('tracking.login')} hint={t('tracking.login_hint')} code={`<script>guantong('identify', '<token>')</script>`} />
      <section>
        <h2>{t('tracking.recent')}</h2>
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonRows count={4} />}
        {data && <p className="t2 dense">{figures.map((name) => t(`tracking.${name}`, { value: format.count(data[name]) })).join(' · ')}</p>}
        {data && <Recent items={data.recent} />}
      </section>
    </>
  );
}
