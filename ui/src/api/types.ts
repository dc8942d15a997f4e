import type { Reason } from '@/condition/Reasons';
import type { FileItem } from '@/record/files';
import type { Comment } from '@/record/Thread';
/** Shapes of the public API. Records are described at run time by `Meta`, so a record is a map of fields. */

export type FieldType =
  | 'text' | 'long_text' | 'boolean' | 'integer' | 'quantity' | 'money' | 'date' | 'instant'
  | 'option' | 'reference' | 'phone' | 'email' | 'region' | 'url' | 'json';

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'idle';

export interface FieldOption {
  code: string;
  label: string;
  tone?: Tone | '';
  /** Drawn as a ring: nobody has touched it yet. */
  ring?: boolean;
}

export interface Field {
  name: string;
  label: string;
  type: FieldType;
  required: boolean;
  read_only: boolean;
  writable: boolean;
  right: 'full' | 'masked';
  searched: boolean;
  sortable: boolean;
  filterable: boolean;
  listed: boolean;
  custom: boolean;
  /** Says who somebody is or how to reach him: shown masked to those without the full right. */
  personal?: boolean;
  /** One of the fields every record has (id, created_at, owner_id …). */
  system?: boolean;
  /** Set at creation only. */
  immutable?: boolean;
  /** A part of one, read and written in percent. */
  share?: boolean;
  group?: string;
  max_length?: number;
  /** Of yes or no: what a new record has that leaves it out. */
  standard?: boolean;
  options?: FieldOption[];
  /** Name of the record type a reference points to. */
  target?: string;
}

export type EntityAction = 'create' | 'update' | 'delete' | 'import' | 'export' | 'assign';

export interface Entity {
  name: string;
  plural: string;
  label: string;
  label_plural: string;
  owned: boolean;
  title_field: string;
  module: string;
  /** Reference data, set up under settings. */
  setting?: boolean;
  /** People work on it, as against set it up: records, and of reference data products. */
  work?: boolean;
  /** Has a timeline; activities and tasks may hang on it. */
  timeline?: boolean;
  custom: boolean;
  actions: Record<EntityAction, boolean>;
  fields: Field[];
}

export interface Meta {
  entities: Entity[];
  labels: Record<string, string>;
  /** What rights beside those to record types are called, by code. */
  permissions?: Record<string, string>;
}

export interface Money {
  amount: string;
  currency: string;
}

export interface Reference {
  id: string;
  title: string;
  entity: string;
}

export type Value = string | number | boolean | null | Money | Value[] | { [key: string]: Value };

/** A record as the API gives it; business fields are reached by name through `Field`. */
export interface RecordRow {
  id: string;
  version: number;
  created_at: string;
  updated_at: string;
  owner_id?: string | null;
  deleted_at?: string | null;
  _refs?: Record<string, Reference | null>;
  _masked?: string[];
  _rights?: { update: boolean; delete: boolean; assign?: boolean };
  [field: string]: unknown;
}

export interface Total {
  value: number;
  exact: boolean;
}

export interface Page<T> {
  data: T[];
  next: string | null;
  total?: Total;
}

export interface ConditionLeaf {
  field: string;
  op: string;
  value?: Value;
}

/** What a person did: how often, in which window, on which page. */
export interface EventLeaf {
  event: string;
  count?: { gte?: number; lte?: number };
  within?: string;
  between?: [string, string];
  older_than?: string;
  where?: { field: string; op: 'eq' | 'starts_with'; value: string };
}

/** Some record that refers to this one is such, or so many. */
export interface RelatedLeaf {
  related: string;
  count?: { gte: number };
  by?: string;
  where?: Condition;
}

/** Leaves that do not ask for a field. */
export type OtherLeaf = { tag: string } | { segment: string } | EventLeaf | RelatedLeaf;

export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | OtherLeaf
  | ConditionLeaf;

export interface ProblemError {
  pointer: string;
  code: string;
  message: string;
}

/** RFC 9457 problem+json. */
export interface Problem {
  type: string;
  /** Which refusal it is: "pool.taken". */
  code?: string;
  title: string;
  status: number;
  detail?: string;
  request_id?: string;
  /** What its words name: {"process_id": "12"}. */
  parameters?: Record<string, string>;
  errors?: ProblemError[];
}

export type Language = 'zh' | 'en';

export interface SessionUser {
  id: string;
  login: string;
  name: string;
  language: Language;
  department_id: string | null;
  department: string | null;
  roles: string[];
  time_zone: string;
}

export interface Session {
  user: SessionUser;
  modules: string[];
  permissions: string[];
  company: { name: string; currency: string; time_zone: string };
}

export interface SearchHit {
  entity: string;
  id: string;
  title: string;
  subtitle?: string;
  matched?: string;
}

export interface NotificationItem {
  id: string;
  at: string;
  code: string;
  text: string;
  subject_type: string | null;
  subject_id: string | null;
  read_at: string | null;
}

export interface NotificationPage {
  data: NotificationItem[];
  unread: number;
}

export interface TimelineItem {
  id: string;
  at: string;
  kind: 'activity' | 'change' | 'task' | 'capture' | 'stage' | 'visit' | 'mail' | 'journey' | 'file' | 'approval';
  /** Of an activity its kind, of a capture its source, of a change what was done, of a visit `session` or `identified`. */
  type: string;
  actor: { id: string | null; title: string } | null;
  text: string;
  subject?: Reference | null;
  /** Of an activity its outcome and duration; of a change old and new value by field; of a visit pages, time and how it came. */
  data?: Record<string, unknown>;
  /** What is attached to it, and what is said about it. */
  files?: FileItem[];
  comments?: Comment[];
}

/** The line of a file that a record came from. */
export interface ImportLine {
  job_id: string;
  line: number;
}

export interface HistoryEntry {
  at: string;
  actor: { id: string; title: string } | null;
  action: string;
  /** The action in the reader's words. */
  did: string;
  changes: { field: string; old: Value; new: Value; old_title?: string | null; new_title?: string | null }[];
  event_id: string;
  import?: ImportLine;
}

export interface BulkResult {
  matched: number;
  changed: number;
  /** Of the failed those that want an approval first. */
  held?: number;
  /** Records the next call has still to do. */
  remaining?: number;
  failed: { id: string; code: string; message: string }[];
  undo: string | null;
}

export interface ViewDefinition {
  where?: Condition | null;
  sort?: string;
  columns?: string[];
  form?: string;
}

export interface SavedView extends RecordRow {
  name: string;
  entity_name: string;
  definition: ViewDefinition;
  shared: boolean;
  pinned: boolean;
}

/** What a company asks of a lead before it converts. */
export interface ConvertCondition {
  id: string;
  text: string;
  met: boolean;
  asked_for: 'any' | 'deal' | 'account';
  /** Asked for deals of this pipeline only. */
  pipeline_id: string | null;
  parts: Reason;
}

export interface ConvertPreview {
  conditions: ConvertCondition[];
  duplicates: Record<'accounts' | 'contacts' | 'opportunities', Duplicate[]>;
  suggested: { account_name: string | null; opportunity_name: string | null; pipeline_id: string | null };
  /** The approval that this conversion waits for, or that was given back. */
  waits?: { approval_id: string; process: string; state: 'pending' | 'returned' } | null;
}

/** What is there already and may be the lead's, with why. */
export interface Duplicate {
  id: string;
  title: string;
  reason: string;
  /** Whose it is. */
  account_id: string | null;
}

export interface ConvertResult {
  account_id: string | null;
  contact_id: string | null;
  person_id: string | null;
  opportunity_id: string | null;
  /** The deal was there before. */
  joined: boolean;
  undo: boolean;
}

interface ConversionPart {
  id: string;
  title: string;
  /** The conversion made it. */
  made: boolean;
  /** It goes to the trash when the conversion is taken back. */
  goes: boolean;
}

/** What became of a lead, and what taking that back would do. */
export interface Conversion {
  at: string;
  by: { id: string; title: string } | null;
  account: ConversionPart | null;
  contact: ConversionPart | null;
  opportunity: ConversionPart | null;
  undo: boolean;
  why_not: string | null;
}

/** Which home a person has: what the rights allow, the one that opens first in front. */
export type HomeView = 'team' | 'sources' | 'deals' | 'today';

/** Why a deal is about to slip. */
export interface Slip {
  /** Stands longer in its stage than is usual; `cases` finished stays say so, none when it is the stage's setting. */
  stay: { stage: string; days: number; usual_days: number; cases: number } | null;
  /** Days to the expected close when that is near, below zero when it is past. */
  close_in_days: number | null;
}

export interface HomeItem {
  /** Why it is in the queue. */
  kind: 'handover' | 'new_lead' | 'lead_follow_up' | 'deal_follow_up' | 'task' | 'slipping';
  entity: string;
  id: string;
  title: string;
  /** When it is due; for a new lead, since when it waits. */
  at: string | null;
  overdue: boolean;
  record: RecordRow;
  slip?: Slip;
}

/** A count or sum that opens to its records. */
export interface HomeFigure {
  code: string;
  label: string;
  value: number | string | Money;
  /** Of a count: it was not stopped. */
  exact?: boolean;
  /** Of a sum: how many records, and how many of them are not in it. */
  count?: number;
  other?: number;
  where?: Condition | null;
  entity?: string | null;
}

export interface Home {
  views: HomeView[];
  due: HomeItem[];
  figures: HomeFigure[];
}

export interface OpenCount extends Total {
  entity: string;
  where: Condition;
}

export type TeamFigure = 'idle_lead' | 'overdue_lead' | 'overdue_deal' | 'overdue_task';

export interface TeamFigures {
  figures: Partial<Record<TeamFigure, OpenCount>>;
  open_deals: { count: number; other: number; sum: Money; entity: string; where: Condition } | null;
}

export interface TeamPerson extends TeamFigures {
  id: string;
  name: string;
  /** The last activity. */
  last: RecordRow | null;
}

export interface TeamHome {
  idle_days: number;
  team: TeamFigures;
  /** To choose from; none where there is nothing to choose. */
  departments: { id: string; name: string }[];
  people: TeamPerson[];
  all_people: boolean;
  /** What lies longest, of each kind the first. */
  late: { kind: TeamFigure; entity: string; at: string | null; record: RecordRow }[];
  slipping: (OpenCount & { items: { slip: Slip; record: RecordRow }[] }) | null;
}

export interface SourceLine {
  source: string;
  leads: number;
  /** In as many days before. */
  before: number;
  untouched: number;
  converted: number;
  returned: number;
  disqualified: number;
  where: Condition;
}

export interface SourcesHome {
  days: number;
  all: boolean;
  sources: SourceLine[];
}

/** Somebody who has a record open. */
export interface PresentPerson {
  id: string;
  name: string;
  editing: boolean;
}

export interface PresenceEvent {
  entity: string;
  id: string;
  people: PresentPerson[];
}

export interface ChangeEvent {
  entity: string;
  id: string;
  action: string;
  version: number;
  actor_id: string | null;
}
