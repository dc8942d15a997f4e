// From a submission to its lead assigned and on the live feed: capture_bench.mjs FOLDER RATE SECONDS BAR
//
// A new company with a published form, four representatives and a rule that gives new leads out in
// turn; an open loop posts RATE submissions of the form a second, each from an address of its own, on
// connections that stay open, while an administrator's live feed is read. Measured from the moment a
// submission was due to be sent until the feed tells that its lead was assigned. Fails when 99 of
// 100 take longer than BAR ms, or one is never told.
import { execFileSync, spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [folder, rate = '300', seconds = '10', bar = '50'] = process.argv.slice(2);
const program = join(process.env.BUILD ?? 'build', 'guantong');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const env = {
  ...process.env, GUANTONG_DB: join(folder, 'capture.db'), GUANTONG_FILES: folder, GUANTONG_SECRET_KEY_FILE: join(folder, 'key'),
  GUANTONG_PORT: '0', GUANTONG_TRUSTED_PROXIES: '127.0.0.1',
};
const password = /password (\S+)/.exec(execFileSync(program, ['init'], { env, encoding: 'utf8' }))[1];
const server = spawn(program, ['serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
const address = new URL(await new Promise((found, failed) => {
  server.stdout.on('data', (text) => { const at = /http:\S+/.exec(String(text)); if (at) found(at[0]); });
  server.on('exit', () => failed(new Error('the server ended')));
}));
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
let cookie = '';

function call(method, path, body, headers = {}) {
  return new Promise((done, failed) => {
    const sent = request({ host: address.hostname, port: address.port, agent, method, path, headers: { 'content-type': 'application/json', 'x-requested-with': 'guantong', cookie, ...headers } }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => {
        cookie = reply.headers['set-cookie']?.[0].split(';')[0] ?? cookie;
        if (reply.statusCode >= 400) failed(new Error(`${method} ${path}: ${reply.statusCode} ${text}`));
        else done(text ? JSON.parse(text) : null);
      });
    });
    sent.on('error', failed).end(body && JSON.stringify(body));
  });
}

try {
  await call('POST', '/api/v1/session', { login: 'admin', password });
  const users = [];
  for (let n = 0; n < 4; n += 1) users.push((await call('POST', '/api/v1/users', { name: `销售${n}`, login: `rep${n}` })).id);
  await call('POST', '/api/v1/automations', {
    name: '轮流', trigger: 'lead.created', entity_name: 'lead', enabled: true, actions: [{ action: 'assign_round_robin', parameters: { user_ids: users } }],
  });
  const form = await call('POST', '/api/v1/forms', { name: '压测', slug: 'bench', draft: {
    title: { zh: '压测' }, rate_per_minute: 600, questions: [
      { id: 'name', type: 'text', maps: 'name', label: { zh: '姓名' }, required: true }, { id: 'phone', type: 'phone', maps: 'phone', label: { zh: '手机' }, required: true },
      { id: 'ok', type: 'consent', channels: ['sms'], text: { zh: '同意' } }],
  } });
  await call('POST', `/api/v1/forms/${form.id}/publish`, {});

  const told = new Map();
  await new Promise((opened, failed) => {
    const stream = request({ host: address.hostname, port: address.port, path: '/api/v1/stream', headers: { cookie, accept: 'text/event-stream' } }, (reply) => {
      let kept = '';
      opened();
      reply.setEncoding('utf8').on('data', (part) => {
        const now = performance.now();
        const events = (kept + part).split('\n\n');
        kept = events.pop();
        for (const event of events) {
          const data = /^data: (.*)$/m.exec(event);
          if (!data || !/"entity":"lead"/.test(data[1])) continue;
          const { id, action } = JSON.parse(data[1]);
          if (action === 'assigned' && !told.has(id)) told.set(id, now);
        }
      });
    });
    stream.on('error', failed).end();
  });

  const total = Number(rate) * Number(seconds);
  const due = [];
  const answers = [];
  const began = performance.now() + 200;
  await new Promise((done) => {
    const tick = () => {
      while (due.length < total && performance.now() >= began + (1000 * due.length) / Number(rate)) {
        const n = due.length;
        due.push(began + (1000 * n) / Number(rate));
        const phone = `138${String(12000000 + n * 7).slice(-8)}`;
        answers.push(call('POST', '/api/v1/public/forms/bench/submissions', { values: { name: `访客${n}`, phone, ok: true }, token: `t${n}`, utm: { utm_source: 'baidu' } },
          { cookie: '', 'x-forwarded-for': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}` }).then(() => performance.now() - due[n]));
      }
      if (due.length < total) setTimeout(tick, 1);
      else done();
    };
    tick();
  });
  const answered = await Promise.all(answers);
  for (let waited = 0; told.size < total && waited < 100; waited += 1) await new Promise((rest) => { setTimeout(rest, 50); });
  const leads = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await call('GET', `/api/v1/leads?limit=200&sort=created_at&fields=name,owner_id${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    leads.push(...page.data);
    cursor = page.next;
  }
  const late = leads.filter(({ id }) => told.has(id)).map(({ id, name }) => told.get(id) - due[Number(name.slice(2))]);
  const at = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? Infinity;
  const unassigned = leads.filter(({ owner_id: owner }) => !users.includes(owner)).length;
  console.log(`answered: p50 ${at(answered, 0.5).toFixed(1)} ms, p99 ${at(answered, 0.99).toFixed(1)} ms`);
  console.log(`assigned and on the feed: p50 ${at(late, 0.5).toFixed(1)} ms, p99 ${at(late, 0.99).toFixed(1)} ms, longest ${at(late, 1).toFixed(1)} ms, ${late.length} of ${total} at ${rate}/s, ${unassigned} without an owner`);
  process.exitCode = late.length === total && unassigned === 0 && at(late, 0.99) <= Number(bar) ? 0 : 1;
} finally {
  server.kill();
}
