import { Collapse } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { recordKeys, useRecords } from '@/api/records';
import { useModel } from '@/api/meta';
import { useMay, useSession } from '@/api/session';
import type { Condition, RecordRow } from '@/api/types';
import { Pill } from '@/field/FieldValue';
import { useFormat } from '@/format/useFormat';
import { Countdown } from '@/part/Countdown';
import { HandoverAnswer } from '@/record/HandoverAnswer';
import { HandoverStory } from '@/record/HandoverStory';

interface Clock {
  since: string | null;
  alert_at: string | null;
  recycle_at: string | null;
  recycle: 'follow_up' | 'deal' | null;
}

interface Decision {
  at: string;
  rule_id: string;
  user_id: string | null;
  user: string;
  explored: boolean;
  reason: string;
  considered: { id: string; name: string; open_leads: number; out: string | null }[];
}

/** When the lead goes back to its pool unless somebody follows up. */
function ClockLine({ lead }: { lead: RecordRow }) {
  const { t } = useTranslation();
  const { data } = useQuery({ queryKey: [...recordKeys.one('leads', lead.id), 'clock'], queryFn: () => api.get<Clock>(`/leads/${lead.id}/clock`) });
  if (!data?.recycle_at) return null;
  const soon = Date.parse(data.recycle_at) - Date.now() < 4 * 3_600_000;
  return <p className={soon ? 'warn dense' : 't2 dense'}>{t(data.recycle === 'deal' ? 'lead.recycles_deal' : 'lead.recycles')} <b><Countdown until={data.recycle_at} /></b></p>;
}

/** Which rule chose its owner, and who else was considered. */
function WhyAssigned({ lead }: { lead: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery({ queryKey: [...recordKeys.one('leads', lead.id), 'assignments'], queryFn: () => api.get<{ data: Decision[] }>(`/leads/${lead.id}/assignments`) });
  const last = data?.data[0];
  const reason = typeof lead.assignment_reason === 'string' ? lead.assignment_reason : '';
  if (!last && !reason) return lead.owner_id ? <p className="dense t2">{t('lead.from_start')}</p> : null;
  return (
    <div className="lead-why">
      <p className="dense">{last?.user_id === lead.owner_id && last ? last.reason : reason || last?.reason}</p>
      {last && last.considered.length > 0 && (
        <Collapse
          ghost size="small"
          items={[{
            key: 'considered', label: t('lead.considered', { count: last.considered.length, when: format.near(last.at) }),
            children: (
              <ul className="dense">
                {last.considered.map((one) => (
                  <li key={one.id} className="row"><span className={one.id === last.user_id ? 'strong' : undefined}>{one.name}</span><span className="grow" /><span className="t3">{one.out ?? t('lead.open_leads', { count: one.open_leads })}</span></li>
                ))}
              </ul>
            ),
          }]}
        />
      )}
    </div>
  );
}

/** What marketing handed over, and sales' answer. */
function Handovers({ lead }: { lead: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { user } = useSession();
  const handover = useModel().named('handover');
  const { data } = useRecords('handovers', { where: { field: 'lead_id', op: 'eq', value: lead.id } as Condition, sort: '-created_at', limit: 5 }, !!handover);
  const states = handover?.fields.find(({ name }) => name === 'state')?.options ?? [];
  return data?.data.map((one) => {
    const state = states.find(({ code }) => code === one.state);
    const mine = one.state === 'waiting' && one.owner_id === user.id;
    return (
      <section key={one.id} className="section">
        <div className="section-head">
          <h2>{t('handover.one')}</h2>{state && <Pill option={state} />}
          <span className="grow" />
          {typeof one.score === 'number' && <span className="t2 small-text">{t('handover.score', { score: one.score })}</span>}
        </div>
        <HandoverStory handover={one} />
        {one.state === 'returned' && <p className="dense"><b>{one._refs?.return_reason_id?.title}</b> {String(one.return_note ?? '')}</p>}
        {one.state === 'waiting' && typeof one.due_at === 'string' && <p className={Date.parse(one.due_at) < Date.now() ? 'bad dense' : 't2 dense'}>{t('handover.due', { when: format.day(one.due_at) })}</p>}
        {mine && <HandoverAnswer handover={one} />}
      </section>
    );
  }) ?? null;
}

/** Where the lead stands between pool, rules and marketing. */
export function LeadStanding({ lead }: { lead: RecordRow }) {
  const { t } = useTranslation();
  const { modules } = useSession();
  const may = useMay();
  if (!modules.includes('sales')) return null;
  const pool = lead._refs?.pool_id;
  return (
    <>
      <Handovers lead={lead} />
      <section className="section">
        <div className="section-head"><h2>{t(pool ? 'lead.in_pool' : 'lead.why_his')}</h2></div>
        {pool && <p className="dense">{may('leads:grab') ? <Link to={`/pool?pool=${pool.id}`}>{pool.title}</Link> : pool.title}</p>}
        {!pool && <WhyAssigned lead={lead} />}
        {lead.owner_id ? <ClockLine lead={lead} /> : null}
      </section>
    </>
  );
}
