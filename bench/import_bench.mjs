// A list of leads through the program: import_bench.mjs URL FILE ROWS [SECONDS]
//
// Makes FILE (.csv or .xlsx, see leads_list.c) and imports it, each time into a new company: by
// `guantong import`; as the wizard does, by upload and start on a server; and a .csv once more on a
// server that answers creations of another user meanwhile, up to ten a second. Prints seconds from the
// start to the last row's verdict, rows a second, bytes a lead, and how long the search index took to
// follow and an undo to take all back. Fails when one of the first two takes longer than SECONDS. URL
// is a file in a folder of its own, or of a PostgreSQL server, whose database then holds the companies
// one after the other.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [url, file, rows, bar] = process.argv.slice(2);
const program = join(process.env.BUILD, 'guantong');
const folder = dirname(file);
const onFile = !url.startsWith('postgres');
const env = {
  ...process.env,
  GUANTONG_DB: url,
  GUANTONG_FILES: folder,
  GUANTONG_SECRET_KEY_FILE: join(folder, 'key'),
  GUANTONG_PORT: '0',
};
const run = (...words) => execFileSync(program, words, { env, encoding: 'utf8' });
const seconds = (since) => (performance.now() - since) / 1000;
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let slowest = 0;

function company() {
  for (const end of ['', '-wal', '-shm']) {
    if (onFile) rmSync(url + end, { force: true });
  }
  return /password (\S+)/.exec(run('init'))[1];
}

function tell(what, took, created) {
  const size = onFile && existsSync(url) ? `, ${Math.round(statSync(url).size / created)} bytes a lead` : '';
  console.log(`${what}: ${took.toFixed(2)} s, ${Math.round(rows / took)} rows/s${size}`);
}

// Serve the company; ask(method, path, body) answers with the reply's JSON.
async function served(password, use) {
  const server = spawn(program, ['serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let headers = { 'content-type': 'application/json', 'x-requested-with': 'guantong' };
  try {
    const address = await new Promise((resolve, reject) => {
      server.stdout.on('data', (text) => {
        const found = /http:\S+/.exec(String(text));
        if (found) resolve(found[0]);
      });
      server.on('exit', () => reject(new Error('the server ended')));
    });
    const ask = async (method, path, body, more = {}) => {
      const reply = await fetch(`${address}/api/v1${path}`, { method, body, headers: { ...headers, ...more } });
      if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
      headers = { ...headers, cookie: reply.headers.get('set-cookie')?.split(';')[0] ?? headers.cookie };
      return reply.json();
    };
    await ask('POST', '/session', JSON.stringify({ login: 'admin', password }));
    return await use(ask);
  } finally {
    server.kill('SIGTERM');
    await new Promise((resolve) => server.on('exit', resolve));
  }
}

// Seconds until the job has left the state; others create leads meanwhile, the slowest is told.
async function until(ask, id, state, others) {
  const began = performance.now();
  let worst = 0;
  let job;
  for (let i = 0; (job = await ask('GET', `/imports/${id}`)).state === state; i++) {
    const asked = performance.now();
    if (others) {
      await ask('POST', '/leads', JSON.stringify({ name: '现场', email: `live${i}@example.cn` }));
      worst = Math.max(worst, performance.now() - asked);
    }
    await rest(100);
  }
  return { took: seconds(began), worst, job };
}

// Seconds until a search finds the last lead of the file.
async function searchable(ask, mail) {
  const began = performance.now();
  while (!(await ask('GET', `/search?q=${encodeURIComponent(mail)}`)).data.length) await rest(50);
  return seconds(began);
}

function lastMail(csv) {
  return readFileSync(csv, 'utf8').match(/[\w.]+@[\w.]+/g).at(-1);
}

execFileSync(join(process.env.BUILD, 'bench/leads_list'), [file, rows]);
const plain = join(folder, 'mails.csv');
execFileSync(join(process.env.BUILD, 'bench/leads_list'), [plain, rows]);
const mail = lastMail(plain);

company();
const began = performance.now();
const line = run('import', 'lead', file).trim();
const took = seconds(began);
console.log(line);
tell('command line', took, Number(/(\d+) created/.exec(line)[1]));
slowest = took;

// By upload and start, with others who create meanwhile or not: the job when it has ended.
async function imported(ask, what, others) {
  const uploaded = await ask('POST', `/imports?entity=lead&file_name=${file.slice(folder.length + 1)}`,
    readFileSync(file), { 'content-type': 'application/octet-stream' });
  await ask('POST', `/imports/${uploaded.id}/start`);
  const ended = await until(ask, uploaded.id, 'running', others);
  tell(what, ended.took, ended.job.created);
  return ended;
}

if (onFile) {
  await served(company(), async (ask) => {
    slowest = Math.max(slowest, (await imported(ask, 'server', false)).took);
  });
}
if (onFile && file.endsWith('.csv')) { // what follows is the same for a workbook
  await served(company(), async (ask) => {
    const { worst, job } = await imported(ask, 'server, beside creations of another', true);
    console.log(`slowest creation of another user meanwhile: ${worst.toFixed(0)} ms`);
    console.log(`search index followed after ${(await searchable(ask, mail)).toFixed(2)} s`);
    const undoing = performance.now();
    await ask('POST', `/imports/${job.id}/undo`);
    await until(ask, job.id, 'undoing', false);
    console.log(`undo of ${job.created} leads: ${seconds(undoing).toFixed(2)} s`);
  });
}
process.exit(bar && slowest > Number(bar) ? 1 : 0);
