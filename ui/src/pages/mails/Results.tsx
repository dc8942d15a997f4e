import { Button, Select } from 'antd';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import type { MailTotals } from '../journey/journey';
import { EffectTable } from './EffectTable';
import type { Send } from './mails';

interface SendPage {
  data: Send[];
  next: string | null;
}

interface Summary {
  totals: MailTotals;
  reasons: Record<string, number>;
}

const figures = ['sent', 'opened', 'clicked', 'replied', 'machine', 'bounced', 'unsubscribed', 'unsure', 'not_sent', 'waiting'] as const;
const reasons = ['no_address', 'suppressed', 'no_consent', 'unsubscribed', 'capped', 'duplicate', 'bounced', 'failed', 'cancelled'] as const;

function Outcome({ send }: { send: Send }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (send.state === 'not_sent') return <span className="status warn">{send.why}</span>;
  if (send.state === 'waiting' && send.why) return <span className="status warn">{send.why}</span>;
  if (send.state !== 'sent') return <span className="status idle">{t('mails.state_waiting', { at: format.near(send.at) })}</span>;
  if (send.bounced_at) return <span className="status bad">{t('mails.bounced')}</span>;
  if (send.unsubscribed_at) return <span className="status warn">{t('mails.unsubscribed')}</span>;
  if (send.clicked_at) return <span className="status ok">{t('mails.clicked')}</span>;
  if (send.opened_at) return <span className="status info">{t('mails.opened')}</span>;
  if (send.unsure) return <span className="status warn">{t('mails.unsure')}</span>;
  return <span className="status idle">{send.machine_at ? t('mails.machine') : t('mails.sent')}</span>;
}

/** What became of the mails of a journey's step, a rule, a mailing; and who got none, and why. */
export function Results() {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, setSearch] = useSearchParams();
  const asked = { source: search.get('source') ?? 'journey', source_id: search.get('source_id') ?? '0', step: search.get('step') };
  const reason = search.get('reason');
  const did = search.get('did');
  const state = reason ? 'not_sent' : search.get('state');
  const summary = useQuery({ queryKey: ['mail', 'summary', asked], queryFn: () => api.get<Summary>('/mail/summary', asked) });
  const list = useInfiniteQuery({
    queryKey: ['mail', 'sends', asked, reason, did, state], initialPageParam: null as string | null, getNextPageParam: (page: SendPage) => page.next,
    queryFn: ({ pageParam }) => api.get<SendPage>('/mail/sends', { ...asked, state, reason, did, before: pageParam }),
  });
  const sends = list.data?.pages.flatMap(({ data }) => data) ?? [];
  const error = summary.error ?? list.error;
  const choose = (value?: string) => setSearch((before) => { const after = new URLSearchParams(before); if (value) after.set('reason', value); else after.delete('reason'); return after; }, { replace: true });
  return (
    <div className="page">
      <header className="page-head"><Link to={asked.source === 'mailing' ? `/mailings/${asked.source_id}` : asked.source === 'journey' ? `/journeys/${asked.source_id}${asked.step ? `?node=${asked.step}` : ''}` : '/mails'} className="t2">{t('mails.results_back')}</Link><span className="t3">/</span><h1>{t('mails.results')}</h1></header>
      <div className="pad-page scroll-y">
        {error && <ErrorNotice error={error} />}
        {summary.data && (
          <dl className="mail-figures">
            {figures.map((name) => <div key={name}><dt className="small-text t2">{t(`mails.figure_${name}`)}</dt><dd className="figure">{format.count(summary.data.totals[name])}</dd></div>)}
          </dl>
        )}
        <div className="row wrap mail-reasons">
          <Select
            aria-label={t('mails.reason')} allowClear placeholder={t('mails.all')} value={reason ?? undefined} popupMatchSelectWidth={false} onChange={choose}
            options={reasons.map((value) => ({ value: value as string, label: `${t(`mails.reason_${value}`)} ${format.count(summary.data?.reasons[value] ?? 0)}` }))}
          />
        </div>
        {!list.data && !error && <SkeletonRows count={8} />}
        {list.data && sends.length === 0 && <Empty title={t('mails.no_results')} hint={t('mails.no_results_hint')} />}
        {sends.length > 0 && (
          <TableScroll label={t('mails.results')}>
            <table className="plain-table">
              <thead><tr><th>{t('mails.person')}</th><th>{t('mails.mail')}</th><th>{t('mails.outcome')}</th><th>{t('mails.at')}</th></tr></thead>
              <tbody>
                {sends.map((send) => (
                  <tr key={send.id}>
                    <td>{send.person_id ? <Link to={`/people/${send.person_id}`}>{send.person}</Link> : <span className="t3">{t('journeys.hidden_person')}</span>}</td>
                    <td className="t2">{send.name}</td>
                    <td><Outcome send={send} /></td>
                    <td className="nowrap t2">{format.instant(send.at)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        )}
        {list.hasNextPage && <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('timeline.more')}</Button>}
        {asked.source !== 'mailing' && summary.data && summary.data.totals.sent > 0 && (
          <section className="section">
            <h2>{t('mails.after')}</h2>
            <EffectTable asked={{ source: asked.source, source_id: asked.source_id, days: 365, within: 30 }} />
          </section>
        )}
      </div>
    </div>
  );
}
