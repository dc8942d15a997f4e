import { useMemo } from 'react';
import { useModel } from '@/api/meta';
import { useMay, useSession } from '@/api/session';
import type { Entity } from '@/api/types';
import type { IconName } from '@/part/icons';
import { useTranslation } from 'react-i18next';
import { clouds, pageRoutes, type Cloud, type PageRoute } from './registry';

export interface CloudLink {
  to: string;
  label: string;
  icon: IconName;
}

export interface CloudSection {
  cloud: Cloud;
  label: string;
  icon: IconName;
  links: CloudLink[];
}

export const cloudIcons: Record<Cloud, IconName> = {
  marketing: 'marketing', sales: 'sales', success: 'success', data: 'data',
};

/** Order of the record types and pages people work in, as a day needs them; what is not named follows as it comes. */
const workedOrder = [
  'lead', 'opportunity', 'account', 'contact', 'person', 'pool', 'lead_pool', 'task', 'activity', 'approvals', 'quote', 'contract',
  'sales_order', 'forecast', 'performance', 'scripts', 'product',
];

/** Record types that belong to another record or to the program, not worked in as a list. */
const attached = new Set(['touch', 'saved_view', 'notification', 'import_job', 'stage_history', 'user_role', 'team_member', 'target', 'forecast_adjustment', 'cost', 'handover', 'journey', 'mailing', 'mail_template', 'script']);

const cloudOfModule: Record<string, Cloud> = {
  marketing: 'marketing', success: 'success', data: 'data', sales: 'sales', customer: 'sales',
};

const icons: Record<string, IconName> = {
  lead: 'user', account: 'building', contact: 'users', person: 'users', opportunity: 'sales',
  product: 'box', task: 'check', activity: 'chat', quote: 'document', contract: 'document', ticket: 'ticket',
};

export function entityIcon(entity: Entity): IconName {
  return icons[entity.name] ?? 'list';
}

export function isWorked(entity: Entity): boolean {
  return (entity.work ?? !entity.setting) && !attached.has(entity.name) && (entity.custom || entity.module in cloudOfModule);
}

/** Place of a record type or page in the rail. */
export function rank({ name }: { name: string }): number {
  const at = workedOrder.indexOf(name);
  return at < 0 ? workedOrder.length : at;
}

/** The cloud an entity is listed under: its own, or for what all clouds share sales, else the first that is on. */
export function homeOf(entity: Entity, on: Cloud[]): Cloud | undefined {
  const cloud = cloudOfModule[entity.module] ?? 'sales';
  return on.includes(cloud) ? cloud : on[0];
}

/** The place a page is offered in: the one it names, or for what all clouds share the first that is on. */
function placeOf(nav: NonNullable<PageRoute['nav']>, on: Cloud[]): Cloud | 'foot' | undefined {
  return nav.shared && !on.some((cloud) => cloud === nav.place) ? on[0] : nav.place;
}

/** The clouds that are on, with the record types and pages this person may see. */
export function useClouds(): CloudSection[] {
  const { t } = useTranslation();
  const model = useModel();
  const session = useSession();
  const may = useMay();
  return useMemo(() => {
    const worked = model.entities.filter(isWorked);
    const on = clouds.filter((cloud) => session.modules.includes(cloud));
    const sections = on.map((cloud) => {
      const records = worked.filter((entity) => homeOf(entity, on) === cloud);
      const pages = pageRoutes.filter(
        ({ nav }) => nav && placeOf(nav, on) === cloud
          && (!nav.permission || may(nav.permission))
          && (!nav.entity || [nav.entity].flat().some((name) => model.named(name)))
          && (!nav.module || session.modules.includes(nav.module)),
      ).sort((a, b) => Number(!!a.nav?.shared) - Number(!!b.nav?.shared));
      const links = [
        ...records.map((entity) => ({
          name: entity.name, to: `/${entity.plural}`, label: entity.label_plural, icon: entityIcon(entity),
        })),
        ...pages.flatMap(({ path, nav }) => {
          const name = path.replace(/\/\*$/, '');
          return nav ? [{ name, to: `/${name}`, label: t(nav.label), icon: nav.icon }] : [];
        }),
      ].sort((a, b) => rank(a) - rank(b)).map(({ to, label, icon }): CloudLink => ({ to, label, icon }));
      return { cloud, label: t(`cloud.${cloud}`), icon: cloudIcons[cloud], links };
    });
    return sections.filter((section) => section.links.length > 0);
  }, [model, session, t]);
}
