import { useState } from 'react';
import { Button, Switch } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { patchRecord, refreshRecords, useRecords } from '@/api/records';
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
import type { ActionKind, RuleAction } from './automation';

function useActionKinds() {
  const { i18n } = useTranslation();
  return useQuery({ queryKey: ['actions', i18n.language], queryFn: () => api.get<{ data: ActionKind[] }>('/actions'), staleTime: 300_000 });
}

/** "When – if – then" in one line. */
function RuleLine({ rule, kinds }: { rule: RecordRow; kinds: ActionKind[] }) {
  const { t, i18n } = useTranslation();
  const entity = useModel().named(String(rule.entity_name));
  const trigger = String(rule.trigger).split('.').at(-1) ?? '';
  const condition = rule.condition as Condition | null;
  const actions = Array.isArray(rule.actions) ? (rule.actions as RuleAction[]) : [];
  const happens = i18n.exists(`automation.on_${trigger}`) ? t(`automation.on_${trigger}` as 'automation.on_created') : trigger;
  return (
    <span className="t2 dense">
      {t('automation.when')} {entity?.label ?? String(rule.entity_name)} {happens}
      {condition && entity && <> · {t('automation.if')} <ConditionText entity={entity} node={draftOf(condition)} /></>}
      {' · '}{t('automation.then')} {actions.map(({ action }) => kinds.find(({ name }) => name === action)?.label ?? action).join(t('condition.comma'))}
    </span>
  );
}

/** Rules: when something happens to a record, if a condition holds, then actions. */
export function Automations({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const { data, error, refetch } = useRecords('automations', { sort: 'position', limit: 200 });
  const { data: kinds } = useActionKinds();
  const [open, setOpen] = useState<RecordRow | 'new' | null>(null);
  const failed = (failure: unknown) => message.error(errorText(failure));
  const refresh = () => refreshRecords(client, 'automations');
  const toggle = useMutation({ mutationFn: (rule: RecordRow) => patchRecord('automations', rule.id, rule.version, { enabled: !rule.enabled }), onError: failed, onSettled: refresh });
  const remove = useMutation({
    mutationFn: (rule: RecordRow) => api.delete(`/automations/${rule.id}`, { version: rule.version }),
    onSuccess: (_, rule) => offerUndo(t('settings.removed', { name: String(rule.name) }), async () => { await api.post(`/automations/${rule.id}/restore`); await refresh(); }),
    onError: failed, onSettled: refresh,
  });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data || !kinds) return <SkeletonRows />;
  const add = entity.actions.create && <Button type="primary" onClick={() => setOpen('new')}>{t('frame.create_one', { entity: entity.label })}</Button>;
  return (
    <>
      {data.data.length > 0 ? <div className="row">{add}</div> : <Empty title={t('automation.none')} hint={t('automation.none_hint')}>{add}</Empty>}
      <ul className="settings-rules">
        {data.data.map((rule) => (
          <li key={rule.id} className="row">
            <Switch size="small" checked={rule.enabled === true} aria-label={t('automation.enabled_of', { name: String(rule.name) })} onChange={() => toggle.mutate(rule)} />
            <span className="grow">
              <button type="button" className="link strong" onClick={() => setOpen(rule)}>{String(rule.name)}</button><br />
              <RuleLine rule={rule} kinds={kinds.data} />
            </span>
            <IconButton small icon="edit" label={t('action.edit')} onClick={() => setOpen(rule)} />
            <IconButton small icon="trash" label={t('action.delete')} onClick={() => remove.mutate(rule)} />
          </li>
        ))}
      </ul>
      {open && <AutomationDrawer key={open === 'new' ? 'new' : open.id} rule={open === 'new' ? null : open} kinds={kinds.data} onClose={() => setOpen(null)} />}
    </>
  );
}
