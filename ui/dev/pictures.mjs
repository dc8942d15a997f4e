import { join } from 'node:path';
import { launch, logIn, pages, sizes, speak } from './pages.mjs';
import { settled, watch } from './settled.mjs';

/**
 * The pictures of doc/pictures, of a new sample company, so that they show today's screens. Look at what has changed
 * before it is kept.
 *   GUANTONG_PASSWORD=… node dev/pictures.mjs http://127.0.0.1:8080 ../doc/pictures [board,list]
 * Those of a seller's talk (timeline, scripts, visit) come from follow_flows.mjs.
 */
const [base = 'http://127.0.0.1:8080', folder = '../doc/pictures', only = ''] = process.argv.slice(2);

const page = (name) => pages.find((one) => one.name === name);
const at = (path, act) => ({ path, act });
const where = (condition) => encodeURIComponent(JSON.stringify(condition));
const working = `/leads?where=${where({ field: 'status', op: 'eq', value: 'working' })}`;

async function firstRecord(tab) {
  await tab.locator('[role="row"][data-id] a, .list-card').first().click();
  await tab.locator('.record-head h1').waitFor();
}

async function bulkAssign(tab) {
  const boxes = tab.locator('[role="row"][data-id] input[type="checkbox"]');
  for (const index of [0, 1]) await boxes.nth(index).check({ force: true });
  await tab.locator('.bulk-bar .quiet-button', { hasText: '分配' }).click();
  await tab.locator('.ant-select-dropdown:visible .ant-select-item-option').first().waitFor();
}

/** Somebody else writes the field while it is edited here. */
async function conflict(tab) {
  await firstRecord(tab);
  await settled(tab);
  await tab.locator('.field-line', { hasText: '公司' }).locator('.editable').first().click();
  await tab.locator('.inline-editor input').first().fill('无锡金石装备');
  await tab.evaluate(async (id) => {
    const headers = { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' };
    const { version } = await (await fetch(`/api/v1/leads/${id}`)).json();
    await fetch(`/api/v1/leads/${id}`, { method: 'PATCH', headers: { ...headers, 'If-Match': `"${version}"` }, body: JSON.stringify({ company_name: '无锡金石智能装备有限公司' }) });
  }, tab.url().match(/leads\/(\d+)/)[1]);
  await tab.locator('.inline-editor input').first().press('Enter');
  await tab.locator('.conflict').waitFor();
}

async function checkedImport(tab) {
  const rows = ['姓名,手机,公司,地区', '何志远,13812340001,无锡贯一机械有限公司,江苏无锡', '乔青,1381234,宁波乔氏塑机有限公司,浙江宁波', '方一鸣,13812340003,佛山方正家具有限公司,广东佛山'];
  await tab.locator('input[type=file]').setInputFiles({ name: 'leads.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) });
  await tab.locator('.page .ant-btn-primary').last().waitFor();
  await settled(tab);
  await tab.locator('.page .ant-btn-primary').last().click();
  await tab.locator('table').first().waitFor();
}

/** The lead with the highest score, each point open. */
async function scored(tab) {
  await firstRecord(tab);
  await tab.locator('.score-panel .link').first().click();
  await settled(tab);
}

/** A person whose visits are known, with them in the timeline. */
async function visited(tab) {
  const path = await tab.evaluate(async () => {
    const ask = async (where) => (await fetch(`/api/v1${where}`)).json();
    const { data = [] } = await ask('/touches?limit=50&sort=-created_at&fields=person_id');
    for (const { person_id: id } of data) {
      if (id && ((await ask(`/people/${id}/timeline?kinds=visit`)).data ?? []).length > 2) return `/people/${id}`;
    }
    return null;
  });
  if (!path) throw new Error('nobody has three visits');
  await tab.goto(new URL(path, tab.url()).href);
  await tab.locator('.record-head h1').waitFor();
}

/** Three deals given a discount that wants an approval first, at once. */
async function heldBulk(tab) {
  const boxes = tab.locator('[role="row"][data-id] input[type="checkbox"]');
  for (const index of [0, 1, 2]) await boxes.nth(index).check({ force: true });
  await tab.locator('.bulk-bar .quiet-button', { hasText: '改字段' }).click();
  await tab.locator('.bulk-form .ant-select').first().click();
  await tab.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: '让利比例' }).click();
  await tab.locator('.bulk-form input').last().fill('15');
  await tab.locator('.bulk-form .ant-btn-primary').click();
  await tab.locator('.ant-modal textarea').waitFor();
}

/** Taught once more, so that what it says is of today. */
async function trained(tab) {
  await tab.locator('.ant-btn', { hasText: /^(重新)?训练$/ }).click();
  await tab.locator('.prediction-curve, svg').last().waitFor({ timeout: 120_000 });
}

/** Who got the mail of the path most people go, and why others did not. */
async function mailResults(tab) {
  await tab.locator('.plain-table a', { hasText: '中分' }).first().click();
  await tab.locator('.react-flow__node', { hasText: '发邮件' }).first().click();
  await tab.getByText('逐人结果与未发原因').click();
  await tab.locator('.plain-table tbody tr').first().waitFor();
}

/** Shared with a colleague from another team. */
async function shared(tab) {
  await page('share').act(tab);
  await tab.locator('.share-with input').fill('刘洋');
  await tab.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: '刘洋' }).first().click();
  await tab.locator('.share-form button[type=submit]').click();
  await tab.locator('.share-list li', { hasText: '刘洋' }).waitFor();
}

/** The first follow-up that is late; what can be done with it stands over its date while the pointer is there. */
async function overdue(tab) {
  const { x, y } = await tab.getByText(/^逾期 \d+ 天$/).first().boundingBox();
  await tab.mouse.click(x - 300, y + 5);
}

/** File, page, and who looks at it: in Chinese on a desk in light, as administrator, where nothing else is said. */
const pictures = {
  account: page('account'), assign: at('/leads', bulkAssign), audit: page('settings-audit'), calendar: page('calendar'),
  conflict: at(working, conflict), 'custom-field': at('/settings/fields', (tab) => tab.locator('.settings-body .ant-btn-primary').click()),
  form: at('/f/servo'), 'home-manager': { ...at('/'), who: 'zhoumin' }, import: at('/imports?entity=lead', checkedImport),
  list: page('leads-bulk'), 'list-dark-en': { ...at('/leads?sort=-score'), theme: 'dark', language: 'en' },
  modules: page('settings-modules'), palette: page('palette'), record: { ...at(working, firstRecord), who: 'chensiyuan' },
  rights: page('settings-role'), rule: page('rule-new'), today: { ...at('/?view=today', overdue), who: 'chensiyuan' },
  tokens: page('settings-tokens'), webhook: page('webhook-new'), sample: page('settings-sample'),
  phone: { ...at('/'), who: 'chensiyuan', size: 'phone' }, 'phone-record': { ...at(working, firstRecord), who: 'chensiyuan', size: 'phone' },
  'phone-pool': { ...at('/pool'), who: 'chensiyuan', size: 'phone' },
  assignment: page('settings-assignment'), attribution: page('attribution'), roi: page('roi'), board: page('board'), cleansing: page('cleansing'),
  'conversion-rules': page('settings-conversion'), convert: page('convert'), forecast: page('forecast'), 'form-editor': page('form-editor'),
  funnel: page('funnel'), 'grade-why': page('grade-why'), grades: page('settings-grades'), handovers: page('handovers'), journey: page('journey'),
  letter: page('letter'), mail: page('mail'), 'mail-effects': page('mail-effects'), mailbox: page('settings-mailbox'), mailing: page('mailing'),
  performance: page('performance'), pipelines: page('settings-pipelines'), pool: { ...at('/pool'), who: 'chensiyuan' },
  'score-card': page('score-card'), segment: page('segment'), segments: page('segments'), sources: page('sources'), tags: page('tags'), targets: page('targets'),
  duplicates: page('duplicates'), 'phone-duplicates': { ...page('duplicates'), size: 'phone' }, merge: page('merge'),
  'approval-process': page('approval-process'), approvals: page('approvals'), 'phone-approvals': { ...at('/approvals', async (tab) => { await tab.locator('.approval-line button').first().click(); await tab.locator('.approval-card').waitFor(); }), who: 'xiewen', size: 'phone' },
  score: { ...at('/leads?sort=-score', scored), who: 'linxiao' }, visits: at('/', visited),
  'approval-bulk': { ...at(`/opportunities?where=${where({ field: 'state', op: 'eq', value: 'open' })}`, heldBulk), who: 'chensiyuan' },
  prediction: { ...at('/scoring/prediction', trained), who: 'linxiao' }, 'mail-results': { ...at('/journeys', mailResults), who: 'linxiao' },
  share: at('/opportunities?sort=-amount', shared), 'work-calendar': page('settings-calendar'),
  'home-marketer': { ...at('/'), who: 'linxiao' },
};

const browser = await launch();
for (const who of ['chensiyuan', 'zhoumin', 'linxiao', 'xiewen', 'admin']) {
  for (const [name, { path, act, size = 'desk', theme = 'light', language = 'zh', who: mine = 'admin' }] of Object.entries(pictures)) {
    if (mine !== who || (only && !only.split(',').includes(name))) continue;
    const [width, height] = sizes[size];
    const context = await browser.newContext({ viewport: { width, height }, locale: 'zh-CN', colorScheme: theme, reducedMotion: 'reduce' });
    const tab = watch(await context.newPage());
    await logIn(tab, base, who);
    await speak(tab, language);
    await tab.goto(base + path);
    await settled(tab);
    await act?.(tab).catch((error) => console.log(`not as wanted ${name}: ${error.message.split('\n')[0]}`));
    await settled(tab);
    await tab.screenshot({ path: join(folder, `${name}.png`) });
    await speak(tab, 'zh');
    await context.close();
    console.log(name);
  }
}
await browser.close();
