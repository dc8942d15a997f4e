import type { TFunction } from 'i18next';
import type { Approval } from '@/api/approvals';

/** What kind of thing is asked about. */
export function aboutOf(t: TFunction, { verb, draft, entity_label }: Approval): string {
  if (verb) return t(`approvals.verb_${verb}`);
  return draft ? t('approvals.new_one', { entity: entity_label }) : entity_label;
}
