import { Button } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { recordPath } from '@/api/meta';
import type { Condition, Entity } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import type { Trial } from './automation';
import { useDateText, type DateRule } from './DateTrigger';
import { useEventText } from './eventTypes';

interface Draft {
  entity: Entity;
  trigger: string;
  /** Of a rule that a date sets off; null of others. */
  date: DateRule | null;
  condition: Condition | null;
}

function Outcome({ trial, entity, event }: { trial: Trial; entity: Entity; event: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (trial.events === 0) return <p role="status">{t('automation.tried_none', { event })}</p>;
  return (
    <div role="status">
      <p><b>{t('automation.tried', { count: trial.would_run, events: format.count(trial.events), event })}</b> {trial.since && <span className="t2">{t('automation.tried_since', { at: format.near(trial.since) })}</span>}</p>
      <ul className="rule-trial">
        {trial.data.map((line, index) => (
          <li key={index} className="row">
            {line.title ? <Link to={recordPath(entity, line.subject_id)}>{line.title}</Link> : <span className="t3">{t('automation.hidden_record')}</span>}
            <span className="t2 small-text">{format.near(line.at)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Tries a rule, saved or not, on what happened lately; changes nothing. */
export function RuleTrial({ entity, trigger, date, condition }: Draft) {
  const { t } = useTranslation();
  const eventText = useEventText(), dateText = useDateText();
  const draft = JSON.stringify({ trigger, entity_name: entity.name, condition, ...(date ? { date_field: date.date_field, days: date.days } : {}) });
  const { mutate, data, error, isPending, variables } = useMutation({
    mutationFn: (body: string) => api.post<Trial>('/automations/dry_run', JSON.parse(body)),
  });
  const current = variables === draft;
  return (
    <div className="rule-form">
      <div className="row wrap">
        <Button size="small" disabled={!!date && !date.date_field} loading={isPending} onClick={() => mutate(draft)}>{t(date ? 'automation.try_dates' : 'automation.try')}</Button>
        <span className="t2 small-text">{t('automation.try_hint')}</span>
      </div>
      {error && current && <ErrorNotice error={error} />}
      {data && current && <Outcome trial={data} entity={entity} event={date ? dateText(entity, date) : eventText(trigger)} />}
    </div>
  );
}
