import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { recordPath, useModel } from '@/api/meta';
import type { RecordRow } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { SkeletonLines } from '@/part/Skeleton';
import type { RuleRun } from './automation';
import { useEventText } from './eventTypes';

function Run({ run }: { run: RuleRun }) {
  const { t } = useTranslation();
  const format = useFormat();
  const entity = useModel().named(run.subject_type);
  const eventText = useEventText();
  return (
    <li>
      <span className="row">
        <span className="grow ellipsis">{entity && run.title ? <Link to={recordPath(entity, run.subject_id)}>{run.title}</Link> : <span className="t3">{t('automation.hidden_record')}</span>}</span>
        <time className="t3 small-text nowrap" dateTime={run.at} title={format.instant(run.at)}>{format.near(run.at)}</time>
      </span>
      {run.error
        ? <span className="dense bad">{t('automation.could_not', { reason: run.error })}</span>
        : <span className="dense t2">{run.effects.length > 0 ? run.effects.map(eventText).join(t('condition.comma')) : t('automation.did_nothing')}</span>}
    </li>
  );
}

/** The latest runs of a rule and what came of each. */
export function RuleRuns({ rule, onClose }: { rule: RecordRow; onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['rule-runs', rule.id], queryFn: async () => (await api.get<{ data: RuleRun[] }>(`/automations/${rule.id}/runs`)).data,
  });
  return (
    <SideSheet onClose={onClose} width={480} title={t('automation.runs_of', { name: String(rule.name) })}>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonLines count={6} />}
      {data?.length === 0 && <Empty title={t('automation.no_runs')} hint={t('automation.no_runs_hint')} />}
      <ul className="rule-runs">{data?.map((run, index) => <Run key={index} run={run} />)}</ul>
    </SideSheet>
  );
}
