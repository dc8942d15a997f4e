import assert from 'node:assert/strict';
import { approvalFlows } from './approval_flows.mjs';
import { formFlows } from './form_flows.mjs';
import { frameFlows } from './frame_flows.mjs';
import { homeFlows } from './home_flows.mjs';
import { journeyFlows } from './journey_flows.mjs';
import { keyFlows } from './key_flows.mjs';
import { listFlows } from './list_flows.mjs';
import { mergeFlows } from './merge_flows.mjs';
import { launch, logIn, login, password } from './pages.mjs';
import { recordFlows } from './record_flows.mjs';
import { settingFlows } from './setting_flows.mjs';
import { settled, watch } from './settled.mjs';
import { visitorFlows } from './visitor_flows.mjs';
import { wayFlows } from './way_flows.mjs';
import { workFlows } from './work_flows.mjs';

/**
 * The jobs a person does, in a real browser, against any server that has sample data.
 *   npm run flows -- http://127.0.0.1:5173 [only]
 * Ends with `N passed, M failed`.
 */

const [base = 'http://127.0.0.1:5173', only = ''] = process.argv.slice(2);
const patience = Number(process.env.PATIENCE ?? 30_000);

const row = (page, index) => page.locator(`[role="row"][data-id]`).nth(index);
async function open(page, path) {
  await page.goto(base + path);
  await page.waitForSelector('.frame, #login');
  await settled(page);
}

async function openLeads(page, query = '') {
  await open(page, `/leads${query}`);
  await page.waitForSelector('[role="row"][data-id]');
}

/** Somebody else of the sample company, in a browser of their own. */
async function logInAs(who, viewport = { width: 1440, height: 900 }) {
  const fresh = await browser.newContext({ viewport, locale: 'zh-CN' });
  const other = watch(await fresh.newPage());
  other.setDefaultTimeout(patience);
  await logIn(other, base, who);
  return other;
}

async function openFirstLead(page) {
  await openLeads(page, `?where=${encodeURIComponent(JSON.stringify({ field: 'status', op: 'eq', value: 'working' }))}`);
  const title = row(page, 0).locator('a.title');
  const name = await title.innerText();
  await title.click();
  await page.waitForSelector('.record-head h1');
  await settled(page);
  return name;
}

const tools = { base, login, password, open, openLeads, openFirstLead, row, logInAs };
const flows = Object.assign({}, ...[frameFlows, keyFlows, listFlows, mergeFlows, settingFlows, recordFlows, workFlows, approvalFlows, homeFlows, formFlows, journeyFlows, visitorFlows, wayFlows].map((of) => of(tools)));

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' });
const page = watch(await context.newPage());
page.setDefaultTimeout(patience);
const broken = [];
page.on('pageerror', (error) => broken.push(error.message));
await logIn(page, base);
let passed = 0;
let failed = 0;
let pictures = 0;

// A second try from a fresh page tells a busy machine from a broken page; it is said.
async function attempt(name, flow) {
  for (const last of [false, true]) {
    try {
      await flow(page);
      assert.deepEqual(broken.splice(0), [], 'no error in the page');
      return true;
    } catch (error) {
      const reason = String(process.env.STACK ? error.stack : error.message).split('\n').slice(0, 16).join('\n     ');
      console.log(`${last ? 'FAIL' : 'again'} ${name}\n     ${reason}`);
      await page.screenshot({ path: `dist-shots/${last ? 'fail' : 'again'}-${++pictures}.png` }).catch(() => undefined);
      await page.keyboard.press('Escape').catch(() => undefined);
      await page.goto(`${base}/`);
    }
  }
  return false;
}

for (const [name, flow] of Object.entries(flows)) {
  if (only && !name.includes(only)) continue;
  if (await attempt(name, flow)) {
    passed += 1;
    console.log(`ok   ${name}`);
  } else {
    failed += 1;
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0); // whatever a flow that broke off has left open
