import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { DaysChoice, useDays } from '@/part/Days';
import { ErrorNotice } from '@/part/ErrorNotice';
import { TableScroll } from '@/part/TableScroll';

interface Slice {
  leads: number;
  converted: number;
}

interface Report {
  rules: { rule_id: string; rule: string; strategy: Slice; explored: Slice; to_pool: number }[];
  waiting: number;
}

function Rate({ slice }: { slice: Slice }) {
  const format = useFormat();
  return (
    <>
      <td className="num">{slice.leads ? format.count(slice.leads) : nothing}</td>
      <td className="num">{slice.leads ? format.percent(slice.converted / slice.leads) : nothing}</td>
    </>
  );
}

function RulesTable({ rules }: { rules: Report['rules'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <TableScroll label={t('assignment.results')}>
      <table className="plain-table">
        <thead>
          <tr>
            <th>{t('assignment.by_rule')}</th><th className="num">{t('assignment.given')}</th><th className="num">{t('assignment.converted')}</th>
            <th className="num">{t('assignment.explored')}</th><th className="num">{t('assignment.converted')}</th><th className="num">{t('assignment.nobody')}</th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <tr key={rule.rule_id}>
              <th scope="row">{rule.rule || t('assignment.rule_gone')}</th>
              <Rate slice={rule.strategy} /><Rate slice={rule.explored} />
              <td className="num">{rule.to_pool ? format.count(rule.to_pool) : nothing}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** What became of what the list gave out, the exploration slice beside the strategy; and what waits for somebody. */
export function AssignmentReport() {
  const { t } = useTranslation();
  const format = useFormat();
  const days = useDays();
  const { data, error, refetch } = useQuery({ queryKey: ['assignment_report', days], queryFn: () => api.get<Report>(`/assignment_rules/report?days=${days}`) });
  if (error && !data) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data || (data.rules.length === 0 && data.waiting === 0)) return null;
  return (
    <section className="section">
      <div className="section-head"><h2>{t('assignment.results')}</h2><span className="grow" /><DaysChoice /></div>
      {data.waiting > 0 && <p className="notice warn">{t('assignment.waiting', { count: data.waiting, n: format.count(data.waiting) })}</p>}
      {data.rules.length > 0 && <RulesTable rules={data.rules} />}
    </section>
  );
}
