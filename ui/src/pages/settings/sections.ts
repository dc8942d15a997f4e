import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import { useMay, useSession } from '@/api/session';
import type { Entity } from '@/api/types';
import type { Cloud } from '@/app/registry';
import type { TextCode } from '@/text/i18n';

export const groups = ['people', 'sales', 'marketing', 'data', 'company'] as const;
export type Group = (typeof groups)[number];

/** A subject that can be set up: the records of a type, or a page of its own. */
interface SectionKind {
  key: string;
  group: Group;
  hint: TextCode;
  /** Record type whose records are set up. */
  entity?: string;
  label?: TextCode;
  permission?: string;
  /** Only while the company uses it. */
  cloud?: Cloud;
}

const kinds: SectionKind[] = [
  { key: 'users', group: 'people', entity: 'user', hint: 'settings.users_hint', permission: 'users:manage' },
  { key: 'roles', group: 'people', entity: 'role', hint: 'settings.roles_hint', permission: 'users:manage' },
  { key: 'departments', group: 'people', entity: 'department', hint: 'settings.departments_hint', permission: 'users:manage' },
  { key: 'teams', group: 'people', entity: 'team', hint: 'settings.teams_hint', permission: 'users:manage' },
  { key: 'team-members', group: 'people', entity: 'team_member', hint: 'settings.members_hint', permission: 'users:manage' },
  { key: 'pipelines', group: 'sales', entity: 'pipeline', hint: 'settings.pipelines_hint', permission: 'settings:manage' },
  { key: 'conversion', group: 'sales', entity: 'conversion_rule', label: 'settings.conversion', hint: 'rules.conversion_hint', permission: 'settings:manage' },
  { key: 'grades', group: 'sales', entity: 'grade_rule', hint: 'rules.grades_hint', permission: 'settings:manage' },
  { key: 'lost-reasons', group: 'sales', entity: 'lost_reason', hint: 'settings.reasons_hint', permission: 'settings:manage' },
  { key: 'lead-pools', group: 'sales', entity: 'lead_pool', hint: 'settings.pools_hint', permission: 'pools:manage' },
  { key: 'assignment', group: 'sales', entity: 'assignment_rule', hint: 'settings.assignment_hint', permission: 'pools:manage' },
  { key: 'leaves', group: 'people', entity: 'user_leave', label: 'settings.leaves', hint: 'settings.leaves_hint', permission: 'pools:manage' },
  { key: 'handover-reasons', group: 'marketing', entity: 'handover_reason', label: 'settings.handover_reasons', hint: 'settings.handover_reasons_hint', permission: 'handover:make' },
  { key: 'products', group: 'sales', entity: 'product', hint: 'settings.products_hint', permission: 'settings:manage' },
  { key: 'automations', group: 'sales', entity: 'automation', hint: 'settings.automations_hint', permission: 'automation:manage' },
  { key: 'approvals', group: 'sales', entity: 'approval_process', hint: 'approvals.settings_hint', permission: 'automation:manage' },
  { key: 'tracking', group: 'marketing', label: 'settings.tracking', hint: 'settings.tracking_hint', permission: 'automation:manage', cloud: 'marketing' },
  { key: 'mail', group: 'marketing', label: 'mails.account', hint: 'mails.account_hint', permission: 'settings:manage', cloud: 'marketing' },
  { key: 'mailbox', group: 'people', label: 'mailbox.title', hint: 'mailbox.hint' },
  { key: 'mailboxes', group: 'people', label: 'mailboxes.title', hint: 'mailboxes.hint', permission: 'settings:manage' },
  { key: 'letter-templates', group: 'sales', entity: 'letter_template', hint: 'settings.templates_hint', permission: 'correspondence:read' },
  { key: 'fields', group: 'data', entity: 'custom_field', label: 'settings.fields', hint: 'settings.fields_hint', permission: 'settings:manage' },
  { key: 'objects', group: 'data', entity: 'custom_object', label: 'settings.objects', hint: 'settings.objects_hint', permission: 'settings:manage' },
  { key: 'company', group: 'company', label: 'settings.company', hint: 'settings.company_hint', permission: 'settings:manage' },
  { key: 'calendar', group: 'company', entity: 'calendar_day', label: 'workyear.title', hint: 'workyear.hint', permission: 'settings:manage' },
  { key: 'modules', group: 'company', label: 'settings.modules', hint: 'settings.modules_hint', permission: 'settings:manage' },
  { key: 'sample', group: 'company', label: 'settings.sample', hint: 'settings.sample_hint', permission: 'settings:manage' },
  { key: 'tokens', group: 'company', label: 'settings.tokens', hint: 'settings.tokens_hint' },
  { key: 'webhooks', group: 'company', label: 'settings.webhooks', hint: 'settings.webhooks_hint', permission: 'webhooks:manage' },
  { key: 'audit', group: 'company', label: 'settings.audit', hint: 'settings.audit_hint', permission: 'audit:read' },
];

export interface Section {
  key: string;
  group: Group;
  label: string;
  hint: string;
  entity: Entity | undefined;
}

/** What this person may set up. */
export function useSections(): Section[] {
  const { t } = useTranslation();
  const model = useModel();
  const may = useMay();
  const { modules } = useSession();
  return useMemo(() => kinds.flatMap(({ key, group, entity: name, label, hint, permission, cloud }) => {
    const entity = model.named(name);
    if ((permission && !may(permission)) || (name && !entity) || (cloud && !modules.includes(cloud))) return [];
    return [{ key, group, entity, hint: t(hint), label: label || !entity ? t(label ?? hint) : entity.label_plural }];
  }), [model, modules, t]);
}
