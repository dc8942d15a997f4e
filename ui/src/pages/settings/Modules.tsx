import { Switch, Tooltip } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useMeta } from '@/api/meta';
import { useSession } from '@/api/session';
import { cloudIcons } from '@/app/clouds';
import { clouds, pageRoutes, type Cloud } from '@/app/registry';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { modulesSetting } from './Company';

/** The record types and pages that go with a cloud. */
function useHeld(): (cloud: Cloud) => string[] {
  const { t } = useTranslation();
  const meta = useMeta();
  return (cloud) => [...new Set([
    ...meta.entities.filter((entity) => entity.module === cloud).map((entity) => entity.label_plural),
    ...pageRoutes.flatMap(({ nav }) => (nav?.place === cloud ? [t(nav.label)] : [])),
  ])];
}

/** The value of the setting: the clouds that are on, in their order. */
export function switched(on: readonly string[], cloud: Cloud, wanted: boolean): string {
  return clouds.filter((one) => (one === cloud ? wanted : on.includes(one))).join(' ');
}

/** Which clouds the company uses; frame, palette and lists follow at once. */
export function Modules() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const { modules } = useSession();
  const held = useHeld();
  const save = async (value: string) => {
    await api.patch('/settings', { [modulesSetting]: value });
    await Promise.all([['session'], ['meta'], ['settings'], ['event_types'], ['actions']].map((queryKey) => client.invalidateQueries({ queryKey })));
  };
  const { mutate, isPending } = useMutation({
    // What was on before is part of the change: when it is saved, the session knows only what is on since.
    mutationFn: ({ cloud, on, before }: { cloud: Cloud; on: boolean; before: readonly string[] }) => save(switched(before, cloud, on)),
    onSuccess: (_, { cloud, on, before }) => {
      offerUndo(t(on ? 'settings.module_was_on' : 'settings.module_was_off', { cloud: t(`cloud.${cloud}`) }), () => save(before.join(' ')));
    },
    onError: (error) => message.error(errorText(error)),
  });
  return (
    <ul className="settings-modules">
      {clouds.map((cloud) => {
        const on = modules.includes(cloud);
        const last = on && clouds.filter((one) => modules.includes(one)).length === 1;
        const what = [...held(cloud), ...(cloud === 'marketing' ? [t('settings.tracking')] : [])].join(t('condition.comma'));
        return (
          <li key={cloud} className="row top-aligned">
            <Icon name={cloudIcons[cloud]} />
            <span className="grow">
              <b>{t(`cloud.${cloud}`)}</b>
              <span className="block t2">{what ? t(`settings.module_${cloud as 'sales' | 'marketing' | 'data'}`) : t('settings.module_empty')}</span>
              {what && <span className="block t2 dense">{t(on ? 'settings.module_holds' : 'settings.module_off', { what })}</span>}
            </span>
            <Tooltip title={last ? t('settings.module_last') : ''}>
              <Switch checked={on} disabled={last || isPending} aria-label={t('settings.module_switch', { cloud: t(`cloud.${cloud}`) })} onChange={(wanted) => mutate({ cloud, on: wanted, before: modules })} />
            </Tooltip>
          </li>
        );
      })}
    </ul>
  );
}
