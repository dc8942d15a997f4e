import { useQuery, type QueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { Entity, Field } from '@/api/types';

export interface ImportRules {
  currency?: string;
  scale?: number;
  create_missing?: boolean;
  /** What a value of the file stands for: another value, a record, or null for unknown. */
  replace?: Record<string, string | null | { id: string }>;
  /** Of dates: 03/05/2026 is the third of May. */
  day_first?: boolean;
  /** Of the owner: whose a record becomes when the company does not know him. */
  unknown_owner?: UnknownOwner;
}

export const unknownOwners = ['importer', 'nobody', 'refuse'] as const;
export type UnknownOwner = (typeof unknownOwners)[number];

export interface ImportColumn {
  column: number;
  header: string;
  field: string | null;
  rules?: ImportRules;
}

export type ImportState = 'uploaded' | 'running' | 'done' | 'failed' | 'undoing' | 'undone';

export interface ImportJob {
  id: string;
  entity: string;
  file_name: string;
  sheet: string;
  state: ImportState;
  /** Rows worked off so far. */
  done: number;
  created: number;
  merged: number;
  /** Of those created or merged: with a remark. */
  remarked: number;
  refused: number;
  skipped: number;
  /** Why it broke off. */
  failure: string | null;
  plan: { mapping: ImportColumn[] };
}

export interface ImportUpload {
  id: string;
  entity: string;
  charset: string;
  format: string;
  /** Of a workbook: the one that is looked at, and all that are not hidden. */
  sheet: string;
  sheets: string[];
  columns: { column: number; header: string; sample: string[]; field: string | null }[];
}

export type Verdict = 'create' | 'merge' | 'refuse' | 'skip';

interface Said {
  code: string;
  message: string;
}

export interface ImportPreview {
  rows: { line: number; verdict: Verdict; errors: Said[]; remarks: Said[]; values: Record<string, string> }[];
  counts: Record<Verdict | 'rows' | 'remarked', number>;
  dirt: Dirt[];
}

export interface Dirt {
  column: number;
  field: string;
  value: string;
  suggestion: string | null;
  /** Of several records so called: the one that is meant unless a person says another. */
  suggestion_id: string | null;
  /** Near to a known value, a sign for unknown, the name of several records, or not found at all. */
  kind: 'near' | 'unknown' | 'several' | 'missing';
  rows: number;
}

export const importKeys = {
  all: ['imports'] as const,
  list: ['imports', 'list'] as const,
  one: (id: string) => ['imports', id] as const,
  upload: (id: string) => ['imports', id, 'upload'] as const,
  preview: (id: string) => ['imports', id, 'preview'] as const,
};

const pollMilliseconds = 1000;

const isAtWork = ({ state }: ImportJob) => state === 'running' || state === 'undoing';

export function useImports() {
  return useQuery({
    queryKey: importKeys.list,
    queryFn: () => api.get<{ data: ImportJob[] }>('/imports'),
    refetchInterval: ({ state }) => (state.data?.data.some(isAtWork) ? pollMilliseconds * 2 : false),
  });
}

export function useImport(id: string) {
  return useQuery({
    queryKey: importKeys.one(id),
    queryFn: () => api.get<ImportJob>(`/imports/${id}`),
    refetchInterval: ({ state }) => (state.data && isAtWork(state.data) ? pollMilliseconds : false),
  });
}

export function usePreview(id: string, enabled: boolean) {
  return useQuery({
    queryKey: importKeys.preview(id),
    queryFn: () => api.get<ImportPreview>(`/imports/${id}/preview`),
    enabled, staleTime: Infinity,
  });
}

export async function upload(client: QueryClient, entity: Entity, file: File): Promise<ImportUpload> {
  const form = new FormData();
  form.append('entity', entity.name);
  form.append('file', file);
  const uploaded = await api.post<ImportUpload>('/imports', form);
  client.setQueryData(importKeys.upload(uploaded.id), uploaded);
  await client.invalidateQueries({ queryKey: importKeys.list });
  return uploaded;
}

export async function chooseSheet(client: QueryClient, id: string, sheet: string): Promise<void> {
  const looked = await api.put<ImportUpload>(`/imports/${id}/sheet`, { sheet });
  client.setQueryData(importKeys.upload(id), looked);
  client.removeQueries({ queryKey: importKeys.preview(id) });
  await client.refetchQueries({ queryKey: importKeys.one(id), exact: true });
}

/** Dates that may be read day first or month first: 03/05/2026. */
export const isDoubtfulDate = (cell: string) => /^\s*\d{1,2}\/\d{1,2}\/\d{2,4}/.test(cell);

/** System fields a file may bring along: who and when it was. */
const brought = new Set(['owner_id', 'created_at', 'created_by']);

export function importableFields(entity: Entity): Field[] {
  return entity.fields.filter((field) => field.type !== 'json' && (!field.system || brought.has(field.name)));
}

/** The ways in which columns name what an activity or a task is about; the field itself is for names of whatever it is. */
export const subjectWays = ['account', 'person', 'opportunity', 'lead', 'phone', 'email', 'external_id'] as const;
export const subjectField = 'subject_id';
export const isAboutSomething = (entity: Entity) => entity.fields.some(({ name }) => name === subjectField);

/** Record types whose rows may bring tags: a column of them is mapped to "tags". */
export const bringsTags = ({ name }: Entity) => name === 'lead' || name === 'person' || name === 'account';

/** Required fields no column fills. */
export function missingFields(entity: Entity, mapping: ImportColumn[]): Field[] {
  const filled = new Set(mapping.map(({ field }) => (field?.startsWith(`${subjectField}.`) ? subjectField : field)));
  const named = (name: string) => name === entity.title_field && !isAboutSomething(entity);
  const made = (name: string) => named(name) || name === 'subject_type' || (entity.name === 'user' && name === 'login');
  return importableFields(entity).filter((field) => field.required && !field.system && !filled.has(field.name) && !made(field.name) && field.type !== 'option');
}

/** What a person decided about a value of the file. */
export type Decision = { to: string | null } | { id: string } | 'create' | 'keep';

/** What is missing is made, or left out, for a column as a whole: one answer holds for all its missing values that have no other. */
export function withDecision(before: Record<string, Decision>, all: Dirt[], dirt: Dirt, decision: Decision): Record<string, Decision> {
  const after = { ...before, [dirtKey(dirt)]: decision };
  const creates = decision === 'create' || before[dirtKey(dirt)] === 'create';
  for (const other of all) {
    const now = before[dirtKey(other)] ?? standardDecision(other);
    const together = other.column === dirt.column && other.kind === 'missing' && (now === 'create' || now === 'keep');
    if (creates && together && typeof decision === 'string') after[dirtKey(other)] = decision;
  }
  return after;
}

/** The mapping with the decisions about values put into the rules of their columns. */
export function withDecisions(mapping: ImportColumn[], dirt: Dirt[], decisions: Record<string, Decision>): ImportColumn[] {
  return mapping.map((column) => {
    const own = dirt.filter((value) => value.column === column.column);
    const replace = { ...column.rules?.replace };
    let create = column.rules?.create_missing ?? false;
    for (const value of own) {
      const decision = decisions[dirtKey(value)] ?? standardDecision(value);
      if (decision === 'create') create = true;
      else if (decision !== 'keep') replace[value.value] = 'id' in decision ? decision : decision.to;
    }
    const rules = { ...column.rules, create_missing: create, ...(Object.keys(replace).length > 0 ? { replace } : {}) };
    return own.length > 0 ? { ...column, rules } : column;
  });
}

export function dirtKey(dirt: Dirt): string {
  return `${dirt.column}:${dirt.value}`;
}

/** What is proposed: the near value, the likely one of namesakes, nothing for a sign of unknown, the value as it stands otherwise. */
export function standardDecision(dirt: Dirt): Decision {
  if (dirt.suggestion_id !== null) return { id: dirt.suggestion_id };
  if (dirt.kind === 'near' && dirt.suggestion !== null) return { to: dirt.suggestion };
  return dirt.kind === 'unknown' ? { to: null } : 'keep';
}
