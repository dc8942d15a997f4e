import type { Condition, Entity, Field, RecordRow } from '@/api/types';
import type { RuleAction } from './automation';

export type Approver = { user: string } | { role: string } | { manager: number } | { field: string };
export type ApproverKind = 'user' | 'role' | 'manager' | 'field';
export const approverKinds: ApproverKind[] = ['user', 'role', 'manager', 'field'];

export interface Step {
  name: string;
  mode: 'any' | 'all' | 'ratio';
  percent?: number;
  condition?: Condition | null;
  approvers: Approver[];
}

/** A process as its form holds it. */
export interface ProcessDraft {
  name: string;
  entity_name: string;
  trigger: 'manual' | 'rule' | 'change' | 'create';
  watch_field: string | null;
  watch_values: unknown[];
  hold_mode: 'hold' | 'block';
  once: boolean;
  condition: Condition | null;
  steps: Step[];
  shown: string[];
  locked: string[];
  on_approved: RuleAction[];
  on_rejected: RuleAction[];
  self_rule: 'manager' | 'allow' | 'auto';
  fallback_user_id: string | null;
  remind_hours: number;
  workdays: boolean;
  escalate_after: number;
  description: string;
}

const list = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);

export function draftOfProcess(process: RecordRow | null, entityName: string): ProcessDraft {
  return {
    name: String(process?.name ?? ''),
    entity_name: String(process?.entity_name ?? entityName),
    trigger: (process?.trigger as ProcessDraft['trigger'] | undefined) ?? 'manual',
    watch_field: (process?.watch_field as string | null | undefined) ?? null,
    watch_values: list(process?.watch_values),
    hold_mode: (process?.hold_mode as ProcessDraft['hold_mode'] | undefined) ?? 'hold',
    once: process?.once === true,
    condition: (process?.condition as Condition | null | undefined) ?? null,
    steps: process ? list<Step>(process.steps) : [{ name: '', mode: 'any', approvers: [{ manager: 1 }] }],
    shown: list(process?.shown),
    locked: list(process?.locked),
    on_approved: list(process?.on_approved),
    on_rejected: list(process?.on_rejected),
    self_rule: (process?.self_rule as ProcessDraft['self_rule'] | undefined) ?? 'manager',
    fallback_user_id: (process?.fallback_user_id as string | null | undefined) ?? null,
    remind_hours: Number(process?.remind_hours ?? 24),
    workdays: process?.workdays === true,
    escalate_after: Number(process?.escalate_after ?? 2),
    description: String(process?.description ?? ''),
  };
}

export function kindOf(approver: Approver): ApproverKind {
  return approverKinds.find((kind) => kind in approver) ?? 'user';
}

/** What approvers may be shown of a record they need not be allowed to see, and what may be locked for them: nothing personal. */
export function forApprovers(entity: Entity): Field[] {
  return entity.fields.filter(({ type, personal }) => type !== 'json' && !personal);
}

/** What an approver who may not see the record would ask first: its columns, but nobody's number or address. */
export function shownAtFirst(entity: Entity | undefined): string[] {
  const asked = entity && forApprovers(entity).filter(({ name, type, listed }) => listed && name !== entity.title_field && !['phone', 'email', 'instant'].includes(type));
  return asked?.slice(0, 8).map(({ name }) => name) ?? [];
}

/** The values that start a process, as the condition they are. */
export function watchedAs({ trigger, watch_field, watch_values }: ProcessDraft): Condition | null {
  return trigger === 'change' && watch_field && watch_values.length > 0 ? { field: watch_field, op: 'in', value: watch_values as string[] } : null;
}

/** Whether every approver says who. */
export function isComplete(draft: ProcessDraft): boolean {
  const said = (approver: Approver) => Object.values(approver).every((value) => value !== '' && value !== null);
  return draft.name.trim() !== '' && draft.steps.length > 0 && draft.steps.every(({ approvers }) => approvers.length > 0 && approvers.every(said))
    && (draft.trigger !== 'change' || draft.watch_field !== null);
}

/** What is sent: of a step only what its mode needs. */
export function stored(draft: ProcessDraft): Record<string, unknown> {
  return {
    ...draft,
    name: draft.name.trim(),
    description: draft.description.trim() || null,
    watch_field: draft.trigger === 'change' ? draft.watch_field : null,
    watch_values: draft.trigger === 'change' ? draft.watch_values : [],
    steps: draft.steps.map(({ name, mode, percent, condition, approvers }) => ({
      name: name.trim(), mode, approvers, ...(mode === 'ratio' ? { percent: percent ?? 50 } : {}), ...(condition ? { condition } : {}),
    })),
  };
}
