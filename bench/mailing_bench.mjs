// A mailing to many: mailing_bench.mjs DATABASE FOLDER PEOPLE SECONDS SHARE
//
// A new company with PEOPLE people who agreed to mail, and a mail server that takes in everything
// (smtp_sink.mjs). Measured: the forecast, from the launch until all are written down, how many mails
// a second reach the server meanwhile, and how long the pages of a mailing on its way take to read. Then the
// same message goes to the same server from a bare client on as many connections, and the two are
// set in relation. Fails when a mail goes to somebody twice, when less than SHARE of the bare rate is
// reached, when planning takes longer than 10 s for 100,000, or a page longer than 20 ms (p50).
import { execFileSync, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [database, folder, people = '100000', seconds = '10', share = '0.03'] = process.argv.slice(2);
const build = process.env.BUILD ?? 'build';
const program = join(build, 'guantong');
const CONNECTIONS = 4; // of the program's senders too
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const env = {
  ...process.env, GUANTONG_DB: database, GUANTONG_FILES: folder, GUANTONG_SECRET_KEY_FILE: join(folder, 'key'), GUANTONG_PORT: '0', GUANTONG_PRIVATE_HOSTS: '127.0.0.1',
};
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });
const at = (list, part) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))] ?? Infinity;
const children = [];
function started(command, args) {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  return { child, next: () => new Promise((done) => { lines.once('line', done); }) };
}

/** Sends the same message on several connections for so long; how many a second went. */
async function bare(port, message, ms) {
  let sent = 0;
  const until = performance.now() + ms;
  await Promise.all(Array.from({ length: CONNECTIONS }, () => new Promise((done, failed) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    const steps = ['MAIL FROM:<a@huayue.example.cn>\r\n', 'RCPT TO:<p1@kehu.example.cn>\r\n', 'DATA\r\n', `${message}\r\n.\r\n`];
    let step = -2;
    socket.on('error', failed).on('data', () => {
      step += 1;
      if (step === steps.length) { sent += 1; step = 0; }
      if (step < 0) socket.write('EHLO bare\r\n');
      else if (step === 0 && performance.now() >= until) socket.end('QUIT\r\n', done);
      else socket.write(steps[step]);
    });
  })));
  return (sent * 1000) / ms;
}

try {
  const sink = started('node', [join(dirname(fileURLToPath(import.meta.url)), 'smtp_sink.mjs')]);
  const port = Number(await sink.next());
  const count = async () => { const told = sink.next(); sink.child.stdin.write('\n'); return JSON.parse(await told); };
  execFileSync(program, ['init'], { env });
  const token = execFileSync(program, ['user', 'token', 'admin', 'bench'], { env, encoding: 'utf8' }).trim();
  execFileSync(join(build, 'bench', 'mailing_fill'), [database, people], { env });
  const server = started(program, ['serve']);
  let address = '';
  while (!address) address = /http:\S+/.exec(await server.next())?.[0] ?? '';
  const call = async (method, path, body) => {
    const answer = await fetch(`${address}/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  await call('PUT', '/mail/account', { host: '127.0.0.1', port, security: 'none', from_name: '华岳', from_address: 'news@huayue.example.cn', public_url: 'https://crm.example.cn', per_minute: 60000 });
  await call('PUT', '/mail/policy', { per_day: 3, per_week: 10, quiet_from: 0, quiet_to: 0 });
  const template = await call('POST', '/mail_templates', { name: 'x', topic: 'case', subject: '{{name|您好}}，老产线改造', blocks: [{ type: 'heading', text: '伺服改造' }, { type: 'text', text: '{{name|您}}好，[看案例](https://www.huayue.example.cn/cases)。' }, { type: 'button', text: '估算费用', url: 'https://www.huayue.example.cn/estimate' }] });
  const mailing = await call('POST', '/mailings', { name: 'x', template_id: template.id, entity_name: 'person', audience: { field: 'email', op: 'not_empty' } });
  let began = performance.now();
  const forecast = await call('GET', `/mailings/${mailing.id}/preflight`);
  console.log(`forecast of ${forecast.people}, ${forecast.will} of whom would get it: ${Math.round(performance.now() - began)} ms`);
  began = performance.now();
  await call('POST', `/mailings/${mailing.id}/launch`);
  while ((await call('GET', `/mailings/${mailing.id}`)).status !== 'sending') await sleep(20);
  const planned = (performance.now() - began) / 1000;
  const { planned: n } = await call('GET', `/mailings/${mailing.id}`);
  console.log(`${n} planned in ${planned.toFixed(1)} s`);

  await sleep(1000);
  const pages = [`/mailings/${mailing.id}/report`, `/mailing_totals?ids=${mailing.id}`, '/mailings?sort=-created_at&limit=50', `/mail/sends?source=mailing&source_id=${mailing.id}`, '/mail_templates?limit=50'];
  const took = pages.map(() => []);
  const first = await count();
  began = performance.now();
  while (performance.now() - began < Number(seconds) * 1000) {
    for (const [i, page] of pages.entries()) {
      const from = performance.now();
      await call('GET', page);
      took[i].push(performance.now() - from);
    }
    await sleep(200);
  }
  const after = await count();
  const ours = ((after.mails - first.mails) * 1000) / (performance.now() - began);
  await call('POST', `/mailings/${mailing.id}/pause`);
  await sleep(1500);
  const { totals, handed } = await call('GET', `/mailings/${mailing.id}/report`);
  const { mails, last } = await count();
  await call('POST', `/mailings/${mailing.id}/cancel`);
  server.child.kill();
  await sleep(500);
  const floor = await bare(port, last, 4000);
  for (const [i, page] of pages.entries()) console.log(`${page.replaceAll(mailing.id, '…')}: p50 ${at(took[i], 0.5).toFixed(1)} ms, p99 ${at(took[i], 0.99).toFixed(1)} ms`);
  const slowest = Math.max(...took.map((list) => at(list, 0.5)));
  console.log(`handed on ${handed}, sent ${totals.sent}, at the server ${mails}`);
  console.log(`${Math.round(ours)} mails/s of ${last.length} bytes, bare ${Math.round(floor)}/s: ${(ours / floor).toFixed(2)} of it; ${n} planned in ${planned.toFixed(1)} s, pages p50 ${slowest.toFixed(1)} ms`);
  process.exitCode = n === Number(people) && mails === totals.sent && ours / floor >= Number(share) && planned <= Number(people) / 10000 && slowest <= 20 ? 0 : 1;
} finally {
  for (const child of children) child.kill();
}
