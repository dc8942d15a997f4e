// Real data through the program: imported on the command line, asked for over HTTP, compared
// with the figures of the data's README. Prints TAP.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const data = process.env.DATA;
const program = join(process.env.BUILD, 'guantong');
let planned = 0;

function check(name, actual, expected) {
  const right = JSON.stringify(actual) === JSON.stringify(expected);
  planned++;
  console.log(`${right ? 'ok' : 'not ok'} ${planned} - ${name}`);
  if (!right) {
    console.log(`# wanted ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  }
}

// A fresh company in a folder of its own; run(...words) is the program on it.
function company() {
  const folder = mkdtempSync(join(tmpdir(), 'guantong-eval-'));
  const env = {
    ...process.env,
    GUANTONG_DB: join(folder, 'eval.db'),
    GUANTONG_FILES: folder,
    GUANTONG_SECRET_KEY_FILE: join(folder, 'key'),
    GUANTONG_PORT: '0',
  };
  const run = (...words) => execFileSync(program, words, { env, encoding: 'utf8' });
  const password = /password (\S+)/.exec(run('init'))[1];
  const decide = (name, mapping) => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, JSON.stringify({ mapping }));
    return path;
  };
  return { folder, env, run, password, decide };
}

// Serve the company and hand a signed-in GET to the function.
async function served(c, ask) {
  const server = spawn(program, ['serve'], { env: c.env });
  try {
    const address = await new Promise((resolve, reject) => {
      server.stdout.on('data', (text) => {
        const found = /http:\S+/.exec(String(text));
        if (found) resolve(found[0]);
      });
      server.on('exit', () => reject(new Error('the server ended')));
    });
    const signIn = await fetch(`${address}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-requested-with': 'guantong' },
      body: JSON.stringify({ login: 'admin', password: c.password }),
    });
    const cookie = signIn.headers.get('set-cookie').split(';')[0];
    await ask(async (path) => (await fetch(address + path, { headers: { cookie } })).json());
  } finally {
    server.kill('SIGTERM');
    await new Promise((resolve) => server.on('exit', resolve));
  }
}

const counts = (line) =>
  /(\d+) created, (\d+) merged, (\d+) refused, (\d+) skipped/.exec(line).slice(1).map(Number);

// Every page of a list.
async function all(get, path) {
  const rows = [];
  let cursor = '';
  do {
    const page = await get(`${path}${path.includes('?') ? '&' : '?'}limit=200${cursor}`);
    rows.push(...page.data);
    cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : '';
  } while (cursor);
  return rows;
}

async function opportunities() {
  const set = join(data, 'crm_sales_opportunities');
  const c = company();
  const dirt = { GTXPro: 'GTX Pro' };
  c.run('import', 'user', join(set, 'sales_teams.csv'),
    c.decide('users', [{ column: 2, rules: { create_missing: true } }]));
  c.run('import', 'account', join(set, 'accounts.csv'),
    c.decide('accounts', [
      { column: 1, rules: { replace: { technolgy: 'technology' } } },
      { column: 3, rules: { currency: 'USD', scale: 1000000 } },
    ]));
  c.run('import', 'product', join(set, 'products.csv'),
    c.decide('products', [{ column: 2, rules: { currency: 'USD' } }]));
  const line = c.run('import', 'opportunity', join(set, 'sales_pipeline.csv'),
    c.decide('deals', [
      { column: 2, rules: { replace: dirt } },
      { column: 4, rules: { replace: { Prospecting: '初步接触', Engaging: '需求确认', Won: '赢单', Lost: '输单' } } },
      { column: 7, rules: { currency: 'USD', replace: { '-1': null } } },
    ]));
  check('MavenTech: all 8,800 opportunities are taken in', counts(line), [8800, 0, 0, 0]);
  await served(c, async (get) => {
    const funnel = await get('/api/v1/reports/funnel/deals');
    const money = (of) => of.map((m) => `${m.amount} ${m.currency}`);
    check('MavenTech: won, lost and open',
      [funnel.won.count, funnel.lost.count, funnel.open.count], [4238, 2473, 2089]);
    check('MavenTech: win rate of closed deals', funnel.win_rate.value, '0.6315');
    check('MavenTech: won revenue', money(funnel.won.amounts), ['10005534.00 USD']);
    check('MavenTech: open deals have no amount', funnel.open.amounts, []);
    check('MavenTech: quarters',
      funnel.by_quarter.map((q) => [q.title, ...money(q.amounts)]),
      [['2017-Q1', '1134672.00 USD'], ['2017-Q2', '3086111.00 USD'],
       ['2017-Q3', '2982255.00 USD'], ['2017-Q4', '2802496.00 USD']]);
    check('MavenTech: mean days to close', funnel.mean_days_to_close, { all: '47.99', won: '51.78' });
    check('MavenTech: best agent', [funnel.by_owner[0].title, ...money(funnel.by_owner[0].amounts)],
      ['Darcel Schlecht', '1153214.00 USD']);
    check('MavenTech: best product',
      [funnel.by_product[0].title, ...money(funnel.by_product[0].amounts)],
      ['GTX Pro', '3510578.00 USD']);
    check('MavenTech: steps without history are unknown, not zero',
      funnel.steps.filter((s) => ['quote', 'contract'].includes(s.step)).map((s) => s.unknown),
      [6711, 6711]);
    const where = encodeURIComponent(JSON.stringify(funnel.won.where));
    const opened = await get(`/api/v1/opportunities/count?where=${where}`);
    check('MavenTech: the figure opens to as many records', opened.total.value, 4238);
  });
  rmSync(c.folder, { recursive: true });
}

// RFC 4180 without line breaks in cells, which is what the truth is.
const table = (path) => {
  const [head, ...rows] = readFileSync(path, 'utf8').trim().split('\n').map((l) => l.split(','));
  return rows.map((r) => Object.fromEntries(head.map((h, i) => [h, r[i]])));
};

// Pairs of lines of one person, for precision and recall of the repeats.
function pairs(groups) {
  let n = 0;
  for (const g of groups.values()) n += (g * (g - 1)) / 2;
  return n;
}

async function leads(file) {
  const set = join(data, 'leads_zh');
  const truth = table(join(set, 'leads_truth.csv'));
  const c = company();
  const [created, merged, refused, skipped] = counts(c.run('import', 'lead', join(set, file)));
  const of = (fate) => truth.filter((t) => t.fate === fate).length;
  const repeats = truth.filter((t) => t.fate === 'keep' && t.same_as_line).length;
  check(`${file}: kept, repeats, refused, skipped`, [created, merged, refused, skipped],
    [of('keep') - repeats, repeats, of('refuse'), of('skip')]);
  await served(c, async (get) => {
    const rows = await all(get, '/api/v1/leads?sort=created_at');
    const first = truth.filter((t) => t.fate === 'keep' && !t.same_as_line);
    const byReach = new Map();
    for (const r of rows) {
      if (r.phone) byReach.set(r.phone, r);
      if (r.email) byReach.set(r.email, r);
    }
    let right = 0;
    for (const t of first) {
      const r = byReach.get(t.phone) ?? byReach.get(t.email);
      const day = r && new Date(Date.parse(r.created_at) + 8 * 3600e3).toISOString().slice(0, 10);
      right += Boolean(r) && (r.phone ?? '') === t.phone && (r.email ?? '') === t.email &&
        (r.region ?? '') === t.region && (!t.created || day === t.created);
    }
    const share = right / first.length;
    console.log(`# ${file}: values right in ${(share * 100).toFixed(2)} % of ${first.length}`);
    check(`${file}: values right in at least 99 %`, share >= 0.99, true);
    const people = new Map();
    for (const r of rows) people.set(r.person_id, (people.get(r.person_id) ?? 0) + 1);
    check(`${file}: nobody stands twice`, pairs(people), 0);
  });
  rmSync(c.folder, { recursive: true });
}

await opportunities();
await leads('leads_gb18030.csv');
await leads('leads.xlsx');
console.log(`1..${planned}`);
