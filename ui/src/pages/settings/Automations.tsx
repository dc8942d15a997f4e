import { Button, Switch } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { patchRecord, refreshRecords, useAllRecords } from '@/api/records';
import type { Condition, Entity, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { ConditionText } from '@/condition/describe';
import { draftOf } from '@/condition/draft';
import { Empty } from '@/part/Empty';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { AutomationDrawer } from './AutomationDrawer';
import { movedBy, newPositions, type ActionKind, type RuleAction } from './automation';
import { dateRuleOf, dateTrigger, useDateText } from './DateTrigger';
import { useEventText } from './eventTypes';
import { RuleRuns } from './RuleRuns';

function useActionKinds() {
  const { i18n } = useTranslation();
  return useQuery({ queryKey: ['actions', i18n.language], queryFn: () => api.get<{ data: ActionKind[] }>('/actions'), staleTime: 300_000 });
}

/** "When – if – then" in one line. */
function RuleLine({ rule, kinds }: { rule: RecordRow; kinds: ActionKind[] }) {
  const { t } = useTranslation();
  const entity = useModel().named(String(rule.entity_name));
  const eventText = useEventText(), dateText = useDateText();
  const dated = rule.trigger === dateTrigger && entity;
  const condition = rule.condition as Condition | null;
  const actions = Array.isArray(rule.actions) ? (rule.actions as RuleAction[]) : [];
  return (
    <span className="t2 dense">
      {t('automation.when')} {dated ? `${entity.label} · ${dateText(entity, dateRuleOf(rule))}` : eventText(String(rule.trigger))}
      {condition && entity && <> · {t('automation.if')} <ConditionText entity={entity} node={draftOf(condition)} /></>}
      {' · '}{t('automation.then')} {actions.map(({ action }) => kinds.find(({ name }) => name === action)?.label ?? action).join(t('condition.comma'))}
    </span>
  );
}

/** Rules change one after the other: the next has to know the version the last one left. */
function useReorder() {
  const client = useQueryClient();
  const errorText = useErrorText();
  return useMutation({
    mutationFn: async (rules: RecordRow[]) => {
      for (const { rule, position } of newPositions(rules)) await patchRecord('automations', rule.id, rule.version, { position });
    },
    onError: (failure) => message.error(errorText(failure)),
    onSettled: () => refreshRecords(client, 'automations'),
  });
}

/** Rules: when something happens to a record, if a condition holds, then actions. */
export function Automations({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [search, setSearch] = useSearchParams();
  const { data, error, refetch } = useAllRecords('automations', { sort: 'position' });
  const { data: kinds } = useActionKinds();
  const failed = (failure: unknown) => message.error(errorText(failure));
  const refresh = () => refreshRecords(client, 'automations');
  const toggle = useMutation({ mutationFn: (rule: RecordRow) => patchRecord('automations', rule.id, rule.version, { enabled: !rule.enabled }), onError: failed, onSettled: refresh });
  const reorder = useReorder();
  const remove = useMutation({
    mutationFn: (rule: RecordRow) => api.delete(`/automations/${rule.id}`, { version: rule.version }),
    onSuccess: (_, rule) => offerUndo(t('settings.removed', { name: String(rule.name) }), async () => { await api.post(`/automations/${rule.id}/restore`); await refresh(); }),
    onError: failed, onSettled: refresh,
  });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data || !kinds) return <SkeletonRows />;
  const rules = data.data;
  const close = () => setSearch({});
  const open = search.get('rule');
  const opened = rules.find(({ id }) => id === open);
  const watched = rules.find(({ id }) => id === search.get('runs'));
  const add = entity.actions.create && <Button type="primary" onClick={() => setSearch({ rule: 'new' })}>{t('frame.create_one', { entity: entity.label })}</Button>;
  return (
    <>
      {rules.length > 0 ? <div className="row">{add}</div> : <Empty title={t('automation.none')} hint={t('automation.none_hint')}>{add}</Empty>}
      <ol className="settings-rules">
        {rules.map((rule, index) => (
          <li key={rule.id} className="row wrap">
            <Switch size="small" checked={rule.enabled === true} aria-label={t('automation.enabled_of', { name: String(rule.name) })} onChange={() => toggle.mutate(rule)} />
            <span className="grow">
              <button type="button" className="link strong" onClick={() => setSearch({ rule: rule.id })}>{String(rule.name)}</button><br />
              <RuleLine rule={rule} kinds={kinds.data} />
            </span>
            <span className="row settings-verbs">
              <button type="button" className="quiet-button small" onClick={() => setSearch({ runs: rule.id })}>{t('automation.runs')}</button>
              <IconButton small icon="up" label={t('automation.up')} disabled={index === 0 || reorder.isPending} onClick={() => reorder.mutate(movedBy(rules, index, -1))} />
              <IconButton small icon="down" label={t('automation.down')} disabled={index === rules.length - 1 || reorder.isPending} onClick={() => reorder.mutate(movedBy(rules, index, 1))} />
              <IconButton small icon="trash" label={t('action.delete')} onClick={() => remove.mutate(rule)} />
            </span>
          </li>
        ))}
      </ol>
      {(open === 'new' || opened) && <AutomationDrawer key={open} rule={opened ?? null} kinds={kinds.data} onClose={close} />}
      {watched && <RuleRuns rule={watched} onClose={close} />}
    </>
  );
}
