import { chromium } from 'playwright-core';
import { settled } from './settled.mjs';

/**
 * The pages of the client as the pictures and the accessibility checks visit them. `act` brings one into a state; it
 * begins and ends on a page that stands still, and fails where what it wants is not there: what is looked at must not
 * depend on chance.
 */

export const login = process.env.GUANTONG_LOGIN ?? 'admin';
export const password = process.env.GUANTONG_PASSWORD ?? 'admin';
export const sizes = { desk: [1440, 900], tablet: [768, 1024], phone: [390, 844] };

const firstRow = (page) => page.locator('[role="row"][data-id], .list-card').first();

async function openFirst(page) {
  await firstRow(page).locator('a').first().click();
  await page.locator('.record-head h1').waitFor();
  await settled(page);
}

const shows = (page, selector) => page.locator(selector).first().waitFor();

/** Two people who may be one; a second time they are known by their numbers. */
const twoAlike = (page) => page.evaluate(async () => {
  const send = (path, body) => fetch(`/api/v1${path}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' }, body: JSON.stringify(body),
  });
  const person = { name: '孙立民', company_name: '无锡天工智能装备有限公司', region: '江苏省无锡市', job_title: '设备部经理' };
  await send('/leads', { ...person, phone: '13812342647', company_name: '无锡天工智能装备股份有限公司' });
  await send('/leads', { ...person, phone: '13812342674', email: 'sunlimin@tiangong.cn', job_title: '设备部副经理' });
});

/** A question to whoever is logged in, about the newest deal; a second time it is there already. */
const askMe = (page) => page.evaluate(async () => {
  const send = async (path, body) => (await fetch(`/api/v1${path}`, {
    method: body ? 'POST' : 'GET', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' }, body: body && JSON.stringify(body),
  })).json();
  const me = (await send('/session')).user.id;
  const deal = (await send('/opportunities?sort=-created_at&limit=1')).data[0];
  const process = await send('/approval_processes', {
    name: '折扣审批', entity_name: 'opportunity', self_rule: 'allow', shown: ['amount', 'expected_close_date', 'owner_id'],
    steps: [{ name: '上级', mode: 'any', approvers: [{ user: me }] }, { name: '财务', mode: 'all', approvers: [{ role: (await send('/roles')).data[0].id }] }],
  });
  await send(`/opportunities/${deal.id}/approvals`, { process_id: process.id, reason: '客户要求再让 5%' });
});

/** To a deal with a mail that has files, where there is one. */
async function withLetters(page) {
  const path = await page.evaluate(async () => {
    const ask = async (where) => (await fetch(`/api/v1${where}`)).json();
    const { data = [] } = await ask('/opportunities?limit=60&sort=-last_follow_up_at&fields=name');
    for (const { id } of data) {
      const { data: mails = [] } = await ask(`/opportunities/${id}/timeline?kinds=mail`);
      if (mails.length > 1 && mails.some(({ data: mail }) => mail?.attachments?.length > 0)) return `/opportunities/${id}?kinds=reach`;
    }
    return null;
  });
  if (!path) throw new Error('no deal has a mail with files');
  await page.goto(new URL(path, page.url()).href);
  await settled(page);
}

async function openLetter(page) {
  await page.locator('.entry', { has: page.locator('.file-names') }).locator('button.link', { hasText: /打开|Open/ }).first().click();
  await page.locator('.letter .ant-btn').first().waitFor();
  await settled(page);
}

export const pages = [
  { name: 'home', path: '/' },
  { name: 'leads', path: '/leads' },
  {
    name: 'leads-bulk', path: '/leads?sort=-score',
    act: async (page) => {
      const boxes = page.locator('[role="row"][data-id] input[type="checkbox"]');
      for (let index = 0; index < 3 && index < (await boxes.count()); index += 1) await boxes.nth(index).check({ force: true });
      await shows(page, '.bulk-bar');
    },
  },
  { name: 'record', path: '/leads', act: openFirst },
  { name: 'palette', path: '/', act: async (page) => { await page.keyboard.press('Control+k'); await shows(page, '.palette-dialog input'); await page.keyboard.type('天工'); await shows(page, '.palette [role=option]:has-text("天工")'); } },
  { name: 'list-edit', path: '/leads', act: async (page) => { await page.locator('[data-row="2"][data-column="2"]').click(); await shows(page, '.inline-editor'); } },
  {
    name: 'condition', path: '/leads?where=' + encodeURIComponent(JSON.stringify({ all: [
      { field: 'owner_id', op: 'is_me' }, { field: 'status', op: 'not_in', value: ['converted', 'disqualified'] },
      { any: [{ field: 'score', op: 'gte', value: 60 }, { not: { field: 'next_follow_up_at', op: 'not_empty' } }] },
    ] })),
    act: async (page) => { await page.locator('.chip-body').nth(2).click(); await shows(page, '.ant-drawer-body .leaf-editor'); },
  },
  { name: 'chip', path: '/leads?where=' + encodeURIComponent(JSON.stringify({ field: 'score', op: 'gte', value: 60 })), act: async (page) => { await page.locator('.chip-body').first().click(); await shows(page, '.ant-popover'); } },
  { name: 'columns', path: '/leads', act: async (page) => { await page.locator('.filter-bar .icon-button').last().click(); await shows(page, '.column-chooser'); } },
  { name: 'create', path: '/leads', act: async (page) => { await page.locator('.page-head .ant-btn-primary').click(); await shows(page, '.ant-drawer-footer'); await settled(page); await page.locator('.ant-drawer-footer .ant-btn-primary').click(); await shows(page, '.ant-form-item-explain-error'); } },
  { name: 'convert', path: '/leads', act: async (page) => { await openFirst(page); await page.locator('.record-head .ant-btn-primary').click(); await shows(page, '.ant-drawer .choices'); } },
  { name: 'deal', path: '/opportunities', act: openFirst },
  { name: 'share', path: '/opportunities', act: async (page) => { await openFirst(page); await page.locator('.record-head .verbs .icon-button').last().click(); await page.locator('.ant-dropdown [role=menuitem]', { hasText: /共享|Share/ }).click(); await shows(page, '.share-list li'); } },
  { name: 'account', path: '/accounts', act: openFirst },
  { name: 'person', path: '/people', act: openFirst },
  { name: 'scripts', path: '/scripts', act: async (page) => { await page.locator('.script-line').first().click(); await page.locator('.script-article').waitFor(); } },
  { name: 'empty', path: '/leads?where=' + encodeURIComponent(JSON.stringify({ field: 'name', op: 'contains', value: '没有这个人' })) },
  { name: 'custom', path: '/x_sites' },
  { name: 'inbox', path: '/inbox?show=all' },
  { name: 'board', path: '/opportunities?form=board' },
  { name: 'funnel', path: '/reports/funnel' },
  { name: 'performance', path: '/performance?period=quarter' },
  { name: 'targets', path: '/performance?view=targets' },
  { name: 'forecast', path: '/forecast' },
  { name: 'attribution', path: '/attribution' },
  { name: 'roi', path: '/attribution?view=roi' },
  { name: 'cleansing', path: '/cleansing' },
  {
    name: 'duplicates', path: '/duplicates',
    act: async (page) => { await twoAlike(page); await page.locator('.page .ant-btn', { hasText: /查找重复|Look for/ }).click(); await page.locator('.pair').first().waitFor(); },
  },
  {
    name: 'merge', path: '/people',
    act: async (page) => {
      await twoAlike(page);
      await page.goto(new URL(`/people?where=${encodeURIComponent(JSON.stringify({ field: 'name', op: 'eq', value: '孙立民' }))}`, page.url()).href);
      await settled(page);
      for (const index of [0, 1]) await page.locator('[role="row"][data-id] input[type=checkbox]').nth(index).check({ force: true });
      await page.locator('.bulk-bar .quiet-button', { hasText: /合并|Merge/ }).click();
      await shows(page, '.merge-dialog .pair-table');
    },
  },
  { name: 'mails', path: '/mails' },
  { name: 'mail-effects', path: '/mails/effect' },
  { name: 'mail', path: '/mails', act: async (page) => { await page.locator('.plain-table a').first().click(); await page.locator('.mail-preview iframe').waitFor(); } },
  { name: 'mailings', path: '/mailings' },
  { name: 'mailing-new', path: '/mailings/new' },
  { name: 'mailing', path: '/mailings', act: async (page) => { await page.locator('.plain-table a').last().click(); await shows(page, '.mailing-report'); } },
  { name: 'settings-mail', path: '/settings/mail' },
  { name: 'tags', path: '/tags' },
  { name: 'tag-edit', path: '/tags', act: async (page) => { await page.locator('.tag-line', { hasText: /近期常来|Visits often/ }).locator('.tag-open').click(); await shows(page, '.ant-drawer-body .tag-form'); } },
  { name: 'tag-presets', path: '/tags?presets=1' },
  { name: 'segments', path: '/segments' },
  { name: 'segment', path: '/segments', act: async (page) => { await page.locator('.segment-line a.strong').first().click(); await shows(page, '.segment-form'); } },
  { name: 'pool', path: '/pool', act: async (page) => { await page.locator('.pool-grab').first().click(); await shows(page, '.pool-said.ok'); } },
  { name: 'pool-report', path: '/pool?view=report' },
  { name: 'handovers', path: '/handovers' },
  { name: 'approvals', path: '/approvals', act: async (page) => { await askMe(page); await page.reload(); await page.locator('.approval-card').first().waitFor(); } },
  { name: 'approval-process', path: '/settings/approvals', act: async (page) => { await page.locator('.sorted-list .link').first().click(); await shows(page, '.ant-drawer-body .process-step'); } },
  { name: 'settings-pools', path: '/settings/lead-pools' },
  { name: 'settings-pool', path: '/settings/lead-pools', act: async (page) => { await page.locator('.sorted-list .link').first().click(); await shows(page, '.ant-drawer-body .rule-form'); } },
  { name: 'settings-assignment', path: '/settings/assignment', act: async (page) => { await page.locator('.settings-body .ant-btn', { hasText: /试算|Try/ }).first().click(); await shows(page, '.assignment-trial .trial-columns'); } },
  { name: 'forms', path: '/forms' },
  { name: 'form-editor', path: '/forms', act: async (page) => { await page.locator('.plain-table .strong').last().click(); await page.locator('.form-card-body').nth(3).click(); await shows(page, '.form-card-body[aria-pressed="true"]'); } },
  { name: 'form-share', path: '/forms', act: async (page) => { await page.locator('.plain-table .strong').last().click(); await page.locator('.form-tabs a').nth(2).click(); await page.locator('.form-code canvas').waitFor(); } },
  { name: 'sources', path: '/sources' },
  { name: 'source', path: '/sources', act: async (page) => { await page.locator('tr', { hasText: '/hook/' }).first().locator('.strong').click(); await page.locator('.capture').first().waitFor(); } },
  { name: 'imports', path: '/imports?entity=lead' },
  { name: 'settings', path: '/settings' },
  { name: 'settings-pipelines', path: '/settings/pipelines' },
  { name: 'settings-conversion', path: '/settings/conversion' },
  { name: 'settings-conversion-rule', path: '/settings/conversion', act: async (page) => { await page.locator('.sorted-list .link').last().click(); await shows(page, '.ant-drawer-body .rule-form'); } },
  { name: 'settings-grades', path: '/settings/grades' },
  { name: 'settings-grade-rule', path: '/settings/grades', act: async (page) => { await page.locator('.sorted-list .link').nth(1).click(); await shows(page, '.ant-drawer-body .rule-form'); } },
  { name: 'settings-stage', path: '/settings/pipelines', act: async (page) => { await page.locator('.sorted-line .link').nth(1).click(); await shows(page, '.ant-drawer-body .ant-form'); } },
  { name: 'grade-why', path: '/opportunities', act: async (page) => { await openFirst(page); await page.locator('.pill.grade').first().click(); await shows(page, '.ant-popover'); } },
  { name: 'take-back', path: `/leads?where=${encodeURIComponent(JSON.stringify({ field: 'status', op: 'eq', value: 'converted' }))}`, act: async (page) => { await openFirst(page); await page.locator('.record-head .verbs .ant-btn', { hasText: /撤销|Undo/ }).click(); await shows(page, '.take-back-form'); } },
  { name: 'settings-automations', path: '/settings/automations' },
  { name: 'timeline-letters', path: '/', act: withLetters },
  { name: 'letter', path: '/', act: async (page) => { await withLetters(page); await openLetter(page); } },
  { name: 'letter-forward', path: '/', act: async (page) => { await withLetters(page); await openLetter(page); await page.locator('.letter .ant-btn', { hasText: /转发|Forward/ }).click(); await shows(page, '.ant-drawer-title:text-matches("^(转发|Forward)$")'); } },
  { name: 'settings-mailbox', path: '/settings/mailbox' },
  { name: 'settings-mailboxes', path: '/settings/mailboxes' },
  { name: 'settings-company', path: '/settings/company' },
  { name: 'settings-users', path: '/settings/users' },
  { name: 'settings-tokens', path: '/settings/tokens' },
  { name: 'settings-tracking', path: '/settings/tracking' },
  { name: 'settings-modules', path: '/settings/modules' },
  { name: 'settings-sample', path: '/settings/sample' },
  { name: 'settings-webhooks', path: '/settings/webhooks' },
  { name: 'webhook-new', path: '/settings/webhooks?new=1' },
  { name: 'rule-new', path: '/settings/automations?rule=new' },
  { name: 'bulk', path: '/bulk' },
  { name: 'settings-audit', path: '/settings/audit' },
  { name: 'home-team', path: '/?view=team' },
  { name: 'calendar', path: '/tasks?form=calendar&span=week' },
  { name: 'journeys', path: '/journeys' },
  { name: 'journey', path: '/journeys', act: async (page) => { await page.locator('.plain-table a').first().click(); await shows(page, '.react-flow__node'); } },
  { name: 'scoring', path: '/scoring' },
  { name: 'score-card', path: '/scoring', act: async (page) => { await page.locator('.content table a, .content .strong').first().click(); await page.waitForURL(/scoring\/\d+/); } },
  { name: 'prediction', path: '/scoring/prediction' },
  { name: 'settings-role', path: '/settings/roles', act: async (page) => { await page.locator('.settings-body a[href*="/settings/roles/"]').first().click(); await page.waitForURL(/roles\/\d+/); } },
  { name: 'settings-departments', path: '/settings/departments' },
  { name: 'settings-fields', path: '/settings/fields' },
  { name: 'settings-approvals', path: '/settings/approvals' },
  { name: 'settings-letter-templates', path: '/settings/letter-templates' },
  { name: 'settings-calendar', path: '/settings/calendar' },
  ...['roles', 'teams', 'team-members', 'leaves', 'lost-reasons', 'handover-reasons', 'products', 'objects'].map((key) => ({ name: `settings-${key}`, path: `/settings/${key}` })),
  { name: 'user-new', path: '/settings/users', act: async (page) => { await page.locator('.settings-body .ant-btn-primary').click(); await shows(page, '.ant-drawer-body .ant-form'); } },
  { name: 'user', path: '/settings/users', act: async (page) => { await page.locator('.settings-body .link').first().click(); await shows(page, '.settings-access'); } },
  { name: 'approval-stand-in', path: '/approvals', act: async (page) => { await page.locator('.page-head .ant-btn, .page-head .quiet-button').last().click(); await shows(page, '.ant-drawer-body .rule-form'); } },
  { name: 'trash', path: '/leads?trash=1' },
  { name: 'mail-results', path: '/mails/results' },
  { name: 'source-api', path: '/sources/api' },
  { name: 'home-sources', path: '/?view=sources' },
  { name: 'home-deals', path: '/?view=deals' },
  { name: 'calendar-month', path: '/opportunities?form=calendar' },
  { name: 'missing', path: '/no_such_page' },
];

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}

export async function logIn(page, base, who = login) {
  await page.goto(`${base}/login`);
  await page.waitForSelector('#login');
  await page.fill('#login', who);
  await page.fill('#password', password);
  await page.click('button[type=submit]');
  await page.waitForSelector('.frame');
}

/** The language of a person is kept by the server. */
export async function speak(page, language) {
  await page.evaluate((chosen) => fetch('/api/v1/session', {
    method: 'PATCH', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' }, body: JSON.stringify({ language: chosen }),
  }), language);
}

