import { useEffect } from 'react';
import { Button } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';

interface Tally {
  id: string | null;
  name: string;
  leads: number;
}

interface Trial {
  leads: { lead_id: string; title: string; company_name: string; created_at: string; owner_id: string | null; rule: string; user_id: string | null; user: string; pool_id: string | null; reason: string }[];
  rules: Tally[];
  people: Tally[];
  days: number;
  all: boolean;
}

function Tallies({ label, none, tallies, total }: { label: string; none: string; tallies: Tally[]; total: number }) {
  const format = useFormat();
  return (
    <ul className="trial-tallies" aria-label={label}>
      {[...tallies].sort((a, b) => b.leads - a.leads).map((tally) => (
        <li key={`${tally.id} ${tally.name}`} className="row">
          <span className="trial-name ellipsis">{tally.name || none}</span>
          <span className="bar grow" aria-hidden="true"><b style={{ width: `${(tally.leads / total) * 100}%` }} /></span>
          <span className="trial-count">{format.count(tally.leads)}</span>
        </li>
      ))}
    </ul>
  );
}

/** What the list that is on (draft undefined), or one rule alone, would have done with the leads of the last 30 days. */
export function AssignmentTrial({ draft, open }: { draft: Record<string, unknown> | null | undefined; open?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: () => api.post<Trial>('/assignment_rules/trial', { days: 30, ...(draft ? { rules: [draft] } : {}) }),
  });
  useEffect(() => { if (open) mutate(); }, [open, mutate]);
  const total = data?.leads.length ?? 0;
  return (
    <section className="assignment-trial">
      {!open && <Button disabled={draft === null} loading={isPending} onClick={() => mutate()}>{t('assignment.try_rule')}</Button>}
      {error && <ErrorNotice error={error} onRetry={() => mutate()} />}
      {data && total === 0 && <p className="t2">{t('assignment.no_leads')}</p>}
      {data && total > 0 && (
        <>
          <p>{t(data.all ? 'assignment.tried' : 'assignment.tried_newest', { count: total })}</p>
          <div className="trial-columns">
            <Tallies label={t('assignment.by_person')} none={t('assignment.to_nobody')} tallies={data.people} total={total} />
            {draft === undefined && <Tallies label={t('assignment.by_rule')} none={t('assignment.no_rule')} tallies={data.rules} total={total} />}
          </div>
          <ul className="rule-trial trial-leads">
            {data.leads.slice(-20).reverse().map((lead) => (
              <li key={lead.lead_id} className="row wrap">
                <Link to={`/leads/${lead.lead_id}`}>{lead.title}</Link><span className="t3 small-text ellipsis">{[lead.company_name, format.day(lead.created_at)].filter(Boolean).join(' · ')}</span>
                <span className="grow" />
                <span title={lead.reason}>{lead.user || (lead.pool_id ? t('assignment.to_pool') : nothing)}</span>
                {lead.rule && draft === undefined && <span className="t3 small-text">{lead.rule}</span>}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
