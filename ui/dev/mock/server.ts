import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Condition, Entity, RecordRow } from '../../src/api/types.ts';
import { matches } from './conditions.ts';
import { nextId, sample } from './data.ts';
import { meta } from './model.ts';

/**
 * An in-memory server that speaks the API well enough to work on screens: sessions, metadata, records,
 * bulk with undo, timeline, search, home, the live feed. Never part of the program.
 */

interface Call {
  method: string;
  parts: string[];
  query: URLSearchParams;
  body: Record<string, unknown>;
  request: IncomingMessage;
  response: ServerResponse;
}

class Refusal extends Error {
  readonly status: number;
  readonly title: string;
  readonly errors: { pointer: string; code: string; message: string }[];
  constructor(status: number, title: string, errors: Refusal['errors'] = []) {
    super(title);
    this.status = status;
    this.title = title;
    this.errors = errors;
  }
}

const me = '1';
let language = 'zh';
const store = sample();
const streams = new Set<ServerResponse>();
const undos = new Map<string, () => void>();
const sessions = new Set<string>();
const notifications = [
  { id: '1', at: new Date(Date.now() - 500_000).toISOString(), code: 'lead.assigned', text: '线索「李文博」分配给你，规则「华东装备制造」', subject_type: 'lead', subject_id: '', read_at: null as string | null },
  { id: '2', at: new Date(Date.now() - 7_500_000).toISOString(), code: 'task.due', text: '任务「给修改后的报价」已到期', subject_type: null, subject_id: null, read_at: null as string | null },
];

const table = (plural: string) => {
  const found = store.get(plural) ?? new Map<string, RecordRow>();
  store.set(plural, found);
  return found;
};
const entityOf = (plural: string) => meta.entities.find((entity) => entity.plural === plural);
const named = (name: unknown) => meta.entities.find((entity) => entity.name === name);

function titled(entity: Entity | undefined, id: unknown) {
  const record = entity && table(entity.plural).get(String(id));
  return record && entity ? { id: record.id, title: String(record[entity.title_field]), entity: entity.name } : null;
}

function shown(entity: Entity | undefined, record: RecordRow): RecordRow {
  const out: RecordRow = { ...record, _refs: {}, _masked: [], _rights: { update: true, delete: true } };
  for (const field of entity?.fields ?? []) {
    if (field.name === 'subject_id') out._refs!.subject_id = titled(named(record.subject_type), record.subject_id);
    else if (field.type === 'reference' && record[field.name]) out._refs![field.name] = titled(named(field.target), record[field.name]);
    if (field.right === 'masked' && record[field.name]) {
      out[field.name] = String(record[field.name]).replace(/^(.{3}).*(.{4})$/, '$1****$2');
      out._masked!.push(field.name);
    }
  }
  return out;
}

function publish(entity: string, record: RecordRow, action: string, actor = me): void {
  const data = JSON.stringify({ entity, id: record.id, action, version: record.version, actor_id: actor });
  for (const stream of streams) stream.write(`event: change\ndata: ${data}\n\n`);
}

function write(entity: Entity | undefined, record: RecordRow, changes: Record<string, unknown>, actor = me): void {
  Object.assign(record, changes, { version: record.version + 1, updated_at: new Date().toISOString() });
  if (entity) publish(entity.name, record, 'update', actor);
}

function listOf(plural: string, query: URLSearchParams): RecordRow[] {
  const where = JSON.parse(query.get('where') ?? 'null') as Condition | null;
  const sort = query.get('sort') ?? '-created_at';
  const key = sort.replace(/^-/, '');
  const deleted = query.get('deleted') === 'true';
  const rows = [...table(plural).values()].filter((row) => !!row.deleted_at === deleted && matches(where, row, me));
  const value = (row: RecordRow) => (typeof row[key] === 'number' ? row[key] : String(row[key] ?? ''));
  rows.sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) * (sort.startsWith('-') ? -1 : 1));
  return rows;
}

function list({ parts, query }: Call) {
  const plural = parts[0] ?? '';
  const rows = listOf(plural, query);
  const from = Number(query.get('cursor') ?? 0);
  const limit = Number(query.get('limit') ?? 50);
  return {
    data: rows.slice(from, from + limit).map((row) => shown(entityOf(plural), row)),
    next: from + limit < rows.length ? String(from + limit) : null,
    total: query.has('count') ? { value: Math.min(rows.length, 10_000), exact: rows.length <= 10_000 } : undefined,
  };
}

function create({ parts, body }: Call) {
  const plural = parts[0] ?? '';
  const entity = entityOf(plural);
  const errors = (entity?.fields ?? [])
    .filter((field) => field.required && field.writable && field.name !== 'status' && body[field.name] === undefined)
    .map((field) => ({ pointer: `/${field.name}`, code: 'required', message: `请填写${field.label}` }));
  if (typeof body.phone === 'string' && !/^\d{11}$/.test(body.phone)) errors.push({ pointer: '/phone', code: 'phone', message: '少了 1 位，手机号是 11 位' });
  if (errors.length) throw new Refusal(422, '有字段需要修改', errors);
  const now = new Date().toISOString();
  const record: RecordRow = { id: nextId(), version: 1, created_at: now, updated_at: now, deleted_at: null, owner_id: me, ...body };
  if (entity?.name === 'lead') record.status ??= 'new';
  if (typeof record.subject_type === 'string' && body.next_follow_up_at) {
    const subject = named(record.subject_type);
    const about = subject && table(subject.plural).get(String(record.subject_id));
    if (about) write(subject, about, { next_follow_up_at: body.next_follow_up_at, last_follow_up_at: now });
  }
  table(plural).set(record.id, record);
  if (entity) publish(entity.name, record, 'create');
  return shown(entity, record);
}

function one(call: Call): RecordRow {
  const record = table(call.parts[0] ?? '').get(call.parts[1] ?? '');
  if (!record) throw new Refusal(404, '没有这条记录');
  return record;
}

function patch(call: Call) {
  const record = one(call);
  const match = call.request.headers['if-match'];
  if (match && match !== `"${record.version}"`) throw new Refusal(412, '别人已经改过这条记录');
  if (call.body.phone === '138') throw new Refusal(422, '有字段需要修改', [{ pointer: '/phone', code: 'phone', message: '少了 8 位，手机号是 11 位' }]);
  write(entityOf(call.parts[0] ?? ''), record, call.body);
  return shown(entityOf(call.parts[0] ?? ''), record);
}

function bulk({ parts, body }: Call) {
  const plural = parts[0] ?? '';
  const ids = body.ids as string[] | null;
  const rows = ids
    ? ids.flatMap((id) => table(plural).get(id) ?? [])
    : [...table(plural).values()].filter((row) => matches(body.where as Condition | null, row, me));
  const before = rows.map((row) => ({ ...row }));
  const changes = body.action === 'delete' ? { deleted_at: new Date().toISOString() }
    : body.action === 'restore' ? { deleted_at: null } : (body.changes as Record<string, unknown>);
  for (const row of rows) write(entityOf(plural), row, changes);
  const undo = nextId();
  undos.set(undo, () => before.forEach((row) => table(plural).set(row.id, { ...row, version: row.version + 2 })));
  return { matched: rows.length, changed: rows.length, failed: [], undo };
}

function timeline({ parts, query }: Call) {
  const subject = entityOf(parts[0] ?? '')?.name;
  const kinds = query.get('kinds')?.split(',');
  const about = (row: RecordRow) => row.subject_type === subject && row.subject_id === parts[1];
  const activities = [...table('activities').values()].filter(about).map((row) => ({
    id: row.id, at: String(row.occurred_at ?? row.created_at), kind: 'activity', type: String(row.type), actor: titled(named('user'), row.owner_id),
    text: String(row.content ?? ''), data: { duration_seconds: row.duration_seconds, outcome: row.outcome },
  }));
  const tasks = [...table('tasks').values()].filter(about).map((row) => ({
    id: row.id, at: row.created_at, kind: 'task', type: String(row.status), actor: titled(named('user'), row.owner_id), text: String(row.title), data: { due_at: row.due_at },
  }));
  const capture = [{ id: 'c', at: new Date(Date.now() - 20 * 86_400_000).toISOString(), kind: 'capture', type: 'form', actor: null, text: '百度「伺服驱动器 选型」表单', data: {} }];
  const items = [...activities, ...tasks, ...capture].filter((item) => !kinds || kinds.includes(item.kind));
  return { data: items.sort((a, b) => (a.at < b.at ? 1 : -1)), next: null };
}

function home() {
  const leads = [...table('leads').values()].filter((row) => row.owner_id === me && !row.deleted_at);
  const now = new Date().toISOString();
  const tonight = new Date(Date.now() + 12 * 3_600_000).toISOString();
  const item = (kind: string, name: string, row: RecordRow, at: unknown) => ({
    kind, entity: name, id: row.id, title: row.name ?? row.title, at, overdue: kind !== 'new_lead' && String(at) < now, record: shown(named(name), row),
  });
  const due = (rows: RecordRow[], field: string) => rows.filter((row) => row[field] && String(row[field]) < tonight).slice(0, 5);
  const open = (plural: string, field: string) => [...table(plural).values()].filter((row) => row[field] === 'open' && row.owner_id === me);
  return {
    views: ['today'],
    due: [
      ...leads.filter((row) => row.status === 'new').slice(0, 2).map((row, index) => item('new_lead', 'lead', row, new Date(Date.now() - (index * 40 + 12) * 60_000).toISOString())),
      ...due(leads.filter((row) => row.status === 'working'), 'next_follow_up_at').map((row) => item('lead_follow_up', 'lead', row, row.next_follow_up_at)),
      ...due(open('opportunities', 'state'), 'next_follow_up_at').map((row) => item('deal_follow_up', 'opportunity', row, row.next_follow_up_at)),
      ...due(open('tasks', 'status'), 'due_at').map((row) => item('task', 'task', row, row.due_at)),
    ],
    figures: [
      { code: 'open_leads', label: '在跟线索', value: leads.length, entity: 'leads', where: { field: 'owner_id', op: 'is_me' } },
      { code: 'open_amount', label: '在途商机', value: { amount: '1286000.00', currency: 'CNY' }, entity: 'opportunities', where: { field: 'state', op: 'eq', value: 'open' } },
      { code: 'won_month', label: '本月赢单', value: { amount: '460000.00', currency: 'CNY' }, entity: 'opportunities', where: { field: 'state', op: 'eq', value: 'won' } },
    ],
  };
}

function search({ query }: Call) {
  const words = query.get('q') ?? '';
  const hits = ['leads', 'accounts', 'opportunities'].flatMap((plural) => {
    const entity = entityOf(plural);
    return [...table(plural).values()]
      .filter((row) => !row.deleted_at && [row.name, row.company_name, row.phone].some((value) => String(value ?? '').includes(words)))
      .slice(0, 6)
      .map((row) => ({ entity: entity?.name, id: row.id, title: row.name, subtitle: row.company_name_name ?? null, matched: 'name' }));
  });
  return { data: hits };
}

function cookieOf(call: Call): string {
  return /mock=(\w+)/.exec(call.request.headers.cookie ?? '')?.[1] ?? '';
}

function session(call: Call): unknown {
  if (call.method === 'DELETE') { sessions.delete(cookieOf(call)); return undefined; }
  if (call.parts[1] === 'keep') return undefined;
  if (call.method === 'PATCH') { language = String(call.body.language); return undefined; }
  if (call.method === 'POST') {
    if (call.body.password !== 'admin') throw new Refusal(401, '账号或密码不对');
    const cookie = nextId();
    sessions.add(cookie);
    call.response.setHeader('Set-Cookie', `mock=${cookie}; HttpOnly; Path=/`);
    return {};
  }
  if (!sessions.has(cookieOf(call))) throw new Refusal(401, '请先登录');
  return {
    user: { id: me, login: 'admin', name: '陈思远', language, department_id: '10', department: '华东销售部', roles: ['rep'], time_zone: 'Asia/Shanghai' },
    modules: ['marketing', 'sales', 'success', 'data'], permissions: ['settings:manage', 'lead:read'], company: { name: '华岳工控', currency: 'CNY', time_zone: 'Asia/Shanghai' },
  };
}

function move(call: Call): unknown {
  const deal = one(call);
  const stage = table('stages').get(String(call.body.stage_id));
  const fields = (call.body.fields ?? {}) as Record<string, unknown>;
  const after: Record<string, unknown> = { ...deal, ...fields };
  const needed = [...(stage?.required_fields as string[]), ...(stage?.kind === 'lost' ? ['lost_reason_id'] : [])];
  const errors = needed.filter((name) => !after[name]).map((name) => ({ pointer: `/fields/${name}`, code: 'required', message: '请填写' }));
  if (errors.length) throw new Refusal(422, '有字段需要填写', errors);
  write(entityOf('opportunities'), deal, { ...fields, stage_id: stage?.id, state: stage?.kind, stage_entered_at: new Date().toISOString() });
  return shown(entityOf('opportunities'), deal);
}

function leadVerb(call: Call, verb: string): unknown {
  const lead = one(call);
  const entity = entityOf('leads');
  switch (verb) {
    case 'assign': write(entity, lead, { owner_id: call.body.owner_id }); return shown(entity, lead);
    case 'disqualify': write(entity, lead, { status: 'disqualified' }); return shown(entity, lead);
    case 'conversion': return { at: new Date().toISOString(), by: { id: '2', title: '刘洋' }, account: null, contact: null, opportunity: null, undo: true, why_not: null };
    case 'unconvert': write(entity, lead, { status: 'working', account_id: null }); return shown(entity, lead);
    default: {
      if (call.parts[3] === 'preview') {
        return {
          conditions: ['有手机或邮箱', '至少一次有效跟进'].map((text, index) => ({ id: String(index), text, met: true, asked_for: 'any', pipeline_id: null, parts: { holds: true, words: text } })),
          duplicates: { accounts: [...table('accounts').values()].slice(0, 2).map((row) => ({ id: row.id, title: row.name, reason: '名称相近', account_id: null })), contacts: [], opportunities: [] },
          suggested: { account_name: lead.company_name, opportunity_name: `${String(lead.company_name)} 伺服改造`, pipeline_id: '200' },
        };
      }
      const account = [...table('accounts').keys()][0];
      write(entity, lead, { status: 'converted', account_id: account });
      return { account_id: account, contact_id: null, person_id: null, opportunity_id: [...table('opportunities').keys()][0], joined: false, undo: true };
    }
  }
}

function recordVerb(call: Call): unknown {
  const entity = entityOf(call.parts[0] ?? '');
  switch (call.parts[2]) {
    case 'history': return { data: [{ at: new Date(Date.now() - 3_600_000).toISOString(), actor: { id: '2', title: '刘洋' }, action: 'updated', did: '修改', changes: [{ field: 'status', old: 'new', new: 'working' }], event_id: '1' }] };
    case 'timeline': return timeline(call);
    case 'visitor_links': return { data: [] };
    case 'reveal': return { value: one(call)[String(call.body.field)] };
    case 'restore': write(entity, one(call), { deleted_at: null }); return shown(entity, one(call));
    case 'move': return move(call);
    default: return leadVerb(call, call.parts[2] ?? '');
  }
}

function route(call: Call): unknown {
  const [first, second] = call.parts;
  if (first === 'session') return session(call);
  if (!sessions.has(cookieOf(call))) throw new Refusal(401, '请先登录');
  if (first === 'meta') return meta;
  if (first === 'home') return home();
  if (first === 'presence') return { entity: call.body.entity, id: call.body.id, people: [{ id: me, name: '我', editing: false }] };
  if (first === 'search') return search(call);
  if (first === 'notifications') {
    if (second === 'read') notifications.forEach((item) => { if (call.body.all || (call.body.ids as string[]).includes(item.id)) item.read_at = new Date().toISOString(); });
    const unread = notifications.filter((item) => !item.read_at);
    return { data: call.query.has('unread') ? unread : notifications, unread: unread.length };
  }
  if (first === 'bulk') { undos.get(second ?? '')?.(); undos.delete(second ?? ''); return { matched: 1, changed: 1, failed: [], undo: null }; }
  if (!first || !store.has(first)) throw new Refusal(404, '没有这一页');
  if (second === 'bulk') return bulk(call);
  if (!second) return call.method === 'POST' ? create(call) : list(call);
  if (call.parts[2]) return recordVerb(call);
  if (call.method === 'PATCH') return patch(call);
  if (call.method === 'DELETE') { write(entityOf(first), one(call), { deleted_at: new Date().toISOString() }); return undefined; }
  return shown(entityOf(first), one(call));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

function openStream(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write(': open\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

/** Every 15 seconds a colleague changes one of the first leads, so that the live marks can be seen. */
function colleague(): void {
  const rows = [...table('leads').values()].slice(0, 12);
  const row = rows[Math.floor(Math.random() * rows.length)];
  if (row && streams.size) write(entityOf('leads'), row, { last_follow_up_at: new Date().toISOString() }, '2');
}

export function createMock() {
  setInterval(colleague, 15_000).unref();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://mock');
    const parts = url.pathname.replace('/api/v1/', '').split('/');
    if (parts[0] === 'stream') return openStream(response);
    try {
      const call: Call = { method: request.method ?? 'GET', parts, query: url.searchParams, body: await bodyOf(request), request, response };
      const result = route(call);
      response.writeHead(result === undefined ? 204 : 200, { 'Content-Type': 'application/json' });
      response.end(result === undefined ? undefined : JSON.stringify(result));
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, String(error));
      response.writeHead(refusal.status, { 'Content-Type': 'application/problem+json' });
      response.end(JSON.stringify({ type: 'about:blank', title: refusal.title, status: refusal.status, request_id: '8F2C-41', errors: refusal.errors }));
    }
    return undefined;
  };
}
