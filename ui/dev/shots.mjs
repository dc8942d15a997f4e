import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

/**
 * Pictures of every page at three sizes, light and dark, and what axe says about them.
 *   SIZES=desk,phone THEMES=light npm run shots -- http://127.0.0.1:5173 home,leads
 * LANGUAGE_CHOSEN=en for the other language. Log-in by GUANTONG_LOGIN and GUANTONG_PASSWORD (admin, admin).
 */

const [base = 'http://127.0.0.1:5173', only = ''] = process.argv.slice(2);
const login = process.env.GUANTONG_LOGIN ?? 'admin';
const password = process.env.GUANTONG_PASSWORD ?? 'admin';
const folder = 'dist-shots';
const allSizes = { desk: [1440, 900], tablet: [768, 1024], phone: [390, 844] };

const firstRow = (page) => page.locator('[role="row"][data-id], .list-card').first();

const shots = [
  { name: 'home', path: '/' },
  { name: 'leads', path: '/leads' },
  {
    name: 'leads-bulk', path: '/leads?sort=-score',
    act: async (page) => {
      const boxes = page.locator('[role="row"][data-id] input[type="checkbox"]');
      for (let index = 0; index < 3 && index < (await boxes.count()); index += 1) await boxes.nth(index).check({ force: true });
    },
  },
  { name: 'record', path: '/leads', act: async (page) => { await firstRow(page).locator('a').first().click(); await page.waitForTimeout(900); } },
  { name: 'palette', path: '/', act: async (page) => { await page.keyboard.press('Control+k'); await page.waitForTimeout(300); await page.keyboard.type('天工'); await page.waitForTimeout(500); } },
  { name: 'list-edit', path: '/leads', act: async (page) => { await page.locator('[data-row="2"][data-column="2"]').click({ timeout: 1500 }).catch(() => undefined); await page.waitForTimeout(500); } },
  {
    name: 'condition', path: '/leads?where=' + encodeURIComponent(JSON.stringify({ all: [
      { field: 'owner_id', op: 'is_me' }, { field: 'status', op: 'not_in', value: ['converted', 'disqualified'] },
      { any: [{ field: 'score', op: 'gte', value: 60 }, { not: { field: 'next_follow_up_at', op: 'not_empty' } }] },
    ] })),
    act: async (page) => { await page.locator('.chip-body').nth(2).click(); await page.waitForTimeout(600); },
  },
  { name: 'chip', path: '/leads?where=' + encodeURIComponent(JSON.stringify({ field: 'score', op: 'gte', value: 60 })), act: async (page) => { await page.locator('.chip-body').first().click(); await page.waitForTimeout(400); } },
  { name: 'columns', path: '/leads', act: async (page) => { await page.locator('.filter-bar .icon-button').last().click({ timeout: 1500 }).catch(() => undefined); await page.waitForTimeout(400); } },
  { name: 'create', path: '/leads', act: async (page) => { await page.locator('.page-head .ant-btn-primary').click(); await page.waitForTimeout(600); await page.locator('.ant-drawer-footer .ant-btn-primary').click(); await page.waitForTimeout(400); } },
  { name: 'convert', path: '/leads', act: async (page) => { await firstRow(page).locator('a').first().click(); await page.waitForTimeout(700); await page.locator('.record-head .ant-btn-primary').click(); await page.waitForTimeout(800); } },
  { name: 'deal', path: '/opportunities', act: async (page) => { await firstRow(page).locator('a').first().click(); await page.waitForTimeout(900); } },
  { name: 'account', path: '/accounts', act: async (page) => { await firstRow(page).locator('a').first().click(); await page.waitForTimeout(900); } },
  { name: 'empty', path: '/leads?where=' + encodeURIComponent(JSON.stringify({ field: 'name', op: 'contains', value: '没有这个人' })) },
  { name: 'custom', path: '/x_sites' },
  { name: 'inbox', path: '/inbox?show=all' },
  { name: 'board', path: '/opportunities?form=board' },
  { name: 'funnel', path: '/reports/funnel' },
  { name: 'imports', path: '/imports?entity=lead' },
  { name: 'settings', path: '/settings' },
  { name: 'settings-stages', path: '/settings/stages' },
  { name: 'settings-automations', path: '/settings/automations' },
  { name: 'settings-company', path: '/settings/company' },
  { name: 'settings-audit', path: '/settings/audit' },
  { name: 'missing', path: '/no_such_page' },
];

async function logIn(page) {
  await page.goto(`${base}/login`);
  await page.waitForSelector('#login');
  await page.fill('#login', login);
  await page.fill('#password', password);
  await page.click('button[type=submit]');
  await page.waitForSelector('.frame');
}

/** The language of a person is kept by the server. */
async function speak(page, language) {
  await page.evaluate((chosen) => fetch('/api/v1/session', {
    method: 'PATCH', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' }, body: JSON.stringify({ language: chosen }),
  }), language);
}

async function examine(page, name) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  for (const violation of violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')) {
    console.log(`axe ${name}: ${violation.id} (${violation.impact}) ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
  }
}

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const chosen = (variable, all) => process.env[variable]?.split(',') ?? all;
for (const size of chosen('SIZES', Object.keys(allSizes))) {
  const [width, height] = allSizes[size];
  const context = await browser.newContext({ viewport: { width, height }, locale: process.env.LOCALE ?? 'zh-CN' });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.log(`error ${page.url()}: ${error.message}`));
  page.on('console', (line) => { if (line.type() === 'error') console.log(`console ${page.url()}: ${line.text().slice(0, 300)}`); });
  if (!only || only === 'login') {
    await page.goto(`${base}/login`);
    await page.waitForSelector('#login');
    await page.screenshot({ path: `${folder}/login-${size}.png` });
    await examine(page, `login-${size}`);
  }
  await logIn(page);
  await speak(page, process.env.LANGUAGE_CHOSEN ?? 'zh');
  for (const theme of chosen('THEMES', ['light', 'dark'])) {
    await page.evaluate((value) => localStorage.setItem('guantong.preferences', JSON.stringify(value)), { theme });
    for (const shot of shots) {
      if (only && !only.split(',').includes(shot.name)) continue;
      await page.goto(base + shot.path);
      await page.waitForTimeout(900);
      await shot.act?.(page);
      await page.screenshot({ path: `${folder}/${shot.name}-${size}-${theme}.png` });
      await examine(page, `${shot.name}-${size}-${theme}`);
    }
  }
  await context.close();
}
await browser.close();
