import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { api, ApiError } from './client';
import { recordKeys, refreshRecords } from './records';

export interface Who {
  id: string;
  name: string;
}

/** A value as in the API, and what people call it where that says more. */
export interface Shown {
  value: unknown;
  text: string;
}

export interface FieldFact {
  field: string;
  label: string;
  type: string;
}

export interface Vote {
  id: string;
  round: number;
  approver: Who | null;
  holder: Who | null;
  decided_by: Who | null;
  state: 'waiting' | 'approved' | 'rejected' | 'returned' | 'closed';
  comment: string;
  why: string;
  decided_at: string | null;
  /** When it was handed on to who holds it. */
  passed_at: string | null;
}

export interface ApprovalStep {
  name: string;
  mode: 'any' | 'all' | 'ratio';
  percent: number;
  state: 'done' | 'running' | 'ahead';
  votes: Vote[];
}

export type ApprovalState = 'pending' | 'approved' | 'rejected' | 'returned' | 'withdrawn';

export interface Approval {
  id: string;
  state: ApprovalState;
  title: string;
  process_id: string;
  process: string;
  hold_mode: 'hold' | 'block';
  entity: string;
  entity_label: string;
  record_id: string;
  readable: boolean;
  /** About a new record; draft: it is not created yet. */
  create_new: boolean;
  draft: boolean;
  /** Of those that were asked about together. */
  batch_id: string | null;
  /** A verb of several records that is held as a whole ("convert"), whose it is, and what would come of it. */
  verb: 'convert' | '';
  origin: { entity: string; id: string | null; title: string; readable: boolean } | null;
  outcome: { entity: string; label: string; title: string; made: boolean }[];
  gone: boolean;
  requester: Who | null;
  reason: string;
  round: number;
  step: number;
  reminders: number;
  created_at: string;
  since: string | null;
  decided_at: string | null;
  applied_at: string | null;
  failure: string;
  facts: (FieldFact & { is: Shown })[];
  change: (FieldFact & { from?: Shown; to: Shown })[];
  moved: (FieldFact & { now: Shown })[];
  steps: ApprovalStep[];
  may: { decide: boolean; withdraw: boolean; resubmit: boolean; apply: boolean; add: boolean };
}

export type Box = 'to_me' | 'by_me' | 'done';

export interface ApprovalPage {
  data: Approval[];
  next: string | null;
  waiting: number;
}

export type ApprovalVerb = 'approve' | 'reject' | 'return' | 'withdraw' | 'resubmit' | 'apply' | 'delegate' | 'add';

/** How many wait for me; heard anew with every notification. */
export function useWaitingApprovals(): number {
  const { data } = useQuery({ queryKey: ['notifications', 'approvals'], queryFn: () => api.get<{ waiting: number }>('/approvals/count'), staleTime: 60_000 });
  return data?.waiting ?? 0;
}

export async function refreshApprovals(client: QueryClient, plural?: string): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: ['approvals'] }),
    client.invalidateQueries({ queryKey: ['notifications'] }),
    client.invalidateQueries({ queryKey: ['timeline'] }),
    client.invalidateQueries({ queryKey: ['convert'] }),
    plural ? refreshRecords(client, plural) : undefined,
  ]);
}

export interface RecordApprovals {
  data: Approval[];
  offers: { id: string; name: string; description: string }[];
}

/** Approvals of a record, and what may be asked for by hand. */
export function useRecordApprovals(plural: string, id: string) {
  return useQuery({ queryKey: [...recordKeys.one(plural, id), 'approvals'], queryFn: () => api.get<RecordApprovals>(`/${plural}/${id}/approvals`) });
}

export type ManyVerb = 'approve' | 'reject' | 'return' | 'withdraw';

export interface ManyAnswer {
  done: number;
  failed: { id: string; code: string; message: string }[];
}

const answeredAtOnce = 50;

/** One answer to many approvals; those that cannot be answered so are told. */
export function useAnswerMany() {
  const client = useQueryClient();
  return async (ids: string[], decision: ManyVerb, comment: string): Promise<ManyAnswer> => {
    const all: ManyAnswer = { done: 0, failed: [] };
    for (let from = 0; from < ids.length; from += answeredAtOnce) {
      const part = await api.post<ManyAnswer>('/approvals/answer', { ids: ids.slice(from, from + answeredAtOnce), decision, comment });
      all.done += part.done;
      all.failed.push(...part.failed);
    }
    await Promise.all([refreshApprovals(client), client.invalidateQueries({ queryKey: ['records'] })]);
    return all;
  };
}

export function useApprovalVerb(plural?: string) {
  const client = useQueryClient();
  return async (approval: Approval, verb: ApprovalVerb, body: Record<string, unknown> = {}) => {
    const after = await api.post<Approval>(`/approvals/${approval.id}/${verb}`, body);
    await refreshApprovals(client, plural);
    return after;
  };
}

/** The process that holds a change, of the refusal of that change; null when it was refused otherwise. */
export function heldBy(error: unknown): string | null {
  const held = error instanceof ApiError && error.status === 409 && ['approval.needed', 'approval.needed_new'].includes(error.problem.code ?? '');
  return held ? (error.problem.parameters?.process ?? '') : null;
}

/** How many of those asked must agree. */
export function needs({ mode, percent }: ApprovalStep, asked: number): number {
  return mode === 'any' ? Math.min(1, asked) : mode === 'all' ? asked : Math.ceil((asked * percent) / 100);
}

/** Whose answers are waited for. */
export function waitedFor({ steps }: Approval): string[] {
  const running = steps.find(({ state }) => state === 'running');
  return running?.votes.filter(({ state }) => state === 'waiting').map(({ holder }) => holder?.name ?? '') ?? [];
}

const tones: Record<ApprovalState, string> = { pending: 'ring', approved: 'ok', rejected: 'bad', returned: 'warn', withdrawn: 'idle' };

/** The mark of a state. */
export function toneOf(state: ApprovalState): string {
  return tones[state];
}
