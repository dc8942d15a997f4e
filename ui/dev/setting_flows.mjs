import assert from 'node:assert/strict';
import { send } from './send.mjs';
import { settled } from './settled.mjs';

/** What lies in these days of the calendar goes, whoever has left it there. */
async function clearDays(page, first, last) {
  const within = { all: [{ field: 'first_date', op: 'lte', value: last }, { field: 'last_date', op: 'gte', value: first }] };
  const { data } = await send(page, 'GET', `/calendar_days?where=${encodeURIComponent(JSON.stringify(within))}`);
  for (const { id } of data) await send(page, 'DELETE', `/calendar_days/${id}`);
}

/** What an administrator sets up and tries. */
export const settingFlows = ({ base, open }) => ({
  async 'a webhook is made, its secret seen once, tested, and what failed is sent again'(page) {
    await open(page, '/settings/webhooks');
    await page.locator('.settings-body .ant-btn-primary').click();
    const name = `ERP ${Date.now()}`;
    await page.fill('#name', name);
    await page.fill('#url', 'https://gone.invalid/hook');
    await page.click('#types');
    await page.keyboard.type('赢单');
    await page.locator('.ant-select-dropdown:visible .ant-select-item-option').first().click();
    await page.keyboard.press('Escape');
    await page.locator('.ant-drawer-footer .ant-btn-primary').click();
    const secret = await page.locator('.settings-secret').innerText();
    assert.match(secret, /^whsec_/);
    await page.locator('.webhook-made .ant-btn').last().click();
    await page.waitForURL(/\/settings\/webhooks\/\d+/);
    // Gone for good as soon as the drawer that showed it has slid away.
    await page.waitForFunction((shown) => !document.documentElement.outerHTML.includes(shown), secret);
    await page.locator('.page-head .ant-btn-primary').click();
    const delivery = page.locator('.webhook-reply').first();
    await page.waitForFunction(() => document.querySelector('.webhook-reply')?.textContent?.length > 3);
    assert.match(await page.locator('.settings-table tbody tr').first().innerText(), /试发/);
    assert.ok((await delivery.innerText()).length > 3, 'why it did not arrive');
    await page.locator('summary').click();
    assert.match(await page.locator('.webhook-help').innerText(), /HMAC-SHA256/);
    await page.goto(`${base}/settings/webhooks`);
    const line = page.locator('.settings-table tbody tr', { hasText: name });
    await line.getByText('商机 · 赢单').waitFor();
    await line.getByRole('switch').click();
    await page.waitForFunction((wanted) => [...document.querySelectorAll('.settings-table tbody tr')].find((row) => row.textContent.includes(wanted))?.textContent.includes('已停用'), name);
  },

  async 'a rule on any event is tried before it is saved, runs, and its log says what it did'(page) {
    await open(page, '/settings/automations?rule=new');
    const name = `改来源就记任务 ${Date.now()}`;
    await page.locator('.rule-form input').first().fill(name);
    const choose = async (label, text) => {
      await page.waitForFunction(() => ![...document.querySelectorAll('.ant-select-dropdown')].some((list) => list.checkVisibility({ visibilityProperty: true })));
      await page.getByRole('combobox', { name: label }).last().click();
      await page.locator('.ant-select-dropdown:visible').locator('.ant-select-item-option', { hasText: text }).first().click();
    };
    await choose('发生什么', '恢复');
    await page.locator('.rule-form > .quiet-button').click();
    await choose('动作', '新建任务');
    await page.getByLabel('标题').fill('回访 {{name}}');
    await page.locator('.rule-form > .quiet-button').click();
    await choose('动作', '通知');
    await page.getByLabel('内容').fill('{{name}} 回来了');
    await page.locator('.rule-action .icon-button[aria-label="上移"]').last().click();
    assert.match(await page.locator('.rule-action').first().innerText(), /通知/);
    await page.getByRole('button', { name: '用最近的事件试一试' }).click();
    await page.waitForFunction(() => document.querySelector('.rule-form [role="status"]')?.textContent?.includes('线索 · 恢复'));
    await page.locator('.ant-drawer-footer .ant-btn-primary').click();
    const line = page.locator('.settings-rules li', { hasText: name });
    await line.waitFor();
    await page.evaluate(async (rule) => {
      const ask = async (method, path) => fetch(`/api/v1${path}`, { method, headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' } });
      const { data: [lead] } = await (await ask('GET', '/leads?limit=1')).json();
      await ask('DELETE', `/leads/${lead.id}`);
      await ask('POST', `/leads/${lead.id}/restore`);
      const { data: [{ id }] } = await (await ask('GET', `/automations?where=${encodeURIComponent(JSON.stringify({ field: 'name', op: 'eq', value: rule }))}`)).json();
      for (let tries = 0; tries < 300 && (await (await ask('GET', `/automations/${id}/runs`)).json()).data.length === 0; tries += 1) await new Promise((done) => { setTimeout(done, 100); });
    }, name);
    await line.getByRole('button', { name: '执行记录' }).click();
    await page.waitForFunction(() => document.querySelector('.rule-runs')?.textContent?.includes('任务 · 新建'));
    await page.keyboard.press('Escape');
    const rules = await page.locator('.settings-rules li').count();
    if (rules > 1) {
      await line.locator('.icon-button[aria-label="上移"]').click();
      await page.waitForFunction(([wanted, count]) => [...document.querySelectorAll('.settings-rules li')].findIndex((row) => row.textContent.includes(wanted)) === count - 2, [name, rules]);
    }
    await line.getByRole('switch').click();
  },

  async 'departments are a tree walked by keys; one is moved with all below it, never below itself, and taken back'(page) {
    await open(page, '/settings/departments');
    const mark = String(Date.now()).slice(-5);
    const made = {};
    const add = async (name, parent) => { made[name] = (await send(page, 'POST', '/departments', { name: `${name}${mark}`, ...(parent && { parent_id: made[parent] }) })).id; };
    await add('南区');
    await add('广州办', '南区');
    await add('佛山组', '广州办');
    await add('北区');
    try {
      await open(page, '/settings/departments');
      const line = (name) => page.locator(`tr[data-id="${made[name]}"]`);
      const level = (name) => line(name).getAttribute('aria-level');
      assert.deepEqual([await level('南区'), await level('佛山组')], ['1', '3']);
      const on = (name) => page.waitForFunction((id) => document.activeElement?.closest('tr')?.dataset.id === id, made[name]);
      await line('广州办').locator('.link').focus();
      await page.keyboard.press('ArrowLeft');
      await line('佛山组').waitFor({ state: 'detached' });
      await page.keyboard.press('ArrowRight');
      await line('佛山组').waitFor();
      await page.keyboard.press('ArrowDown');
      await on('佛山组');
      await page.keyboard.press('ArrowLeft');
      await on('广州办');
      const move = line('广州办').getByRole('button', { name: /^移动/ });
      await move.focus();
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement?.id === 'department-parent');
      await page.keyboard.type(`佛山组${mark}`);
      assert.ok(await page.locator('.ant-select-dropdown:visible .ant-select-item-option-disabled', { hasText: '佛山组' }).count(), 'no department goes below itself');
      for (let n = 0; n < 8; n += 1) await page.keyboard.press('Backspace');
      await page.keyboard.type(`北区${mark}`);
      await page.keyboard.press('Enter');
      await page.locator('.ant-select-dropdown:visible').waitFor({ state: 'hidden' });
      await page.keyboard.press('Control+Enter');
      await page.locator('.ant-modal').waitFor({ state: 'detached' });
      const under = (name) => page.evaluate(async (id) => (await (await fetch(`/api/v1/departments/${id}`)).json()).parent_id, made[name]);
      assert.deepEqual([await under('广州办'), await under('佛山组')], [made['北区'], made['广州办']]);
      await page.waitForFunction(() => document.activeElement?.matches('tr .icon-button'));
      await page.keyboard.press('z');
      await page.locator('.saying, .undo-bar').first().waitFor();
      await page.waitForFunction(async ([id, wanted]) => (await (await fetch(`/api/v1/departments/${id}`)).json()).parent_id === wanted, [made['广州办'], made['南区']], { polling: 200 });
    } finally {
      for (const name of ['佛山组', '广州办', '北区', '南区']) await send(page, 'DELETE', `/departments/${made[name]}`);
    }
  },

  async 'holidays that were announced are entered, the year shows them, and they go again'(page) {
    await open(page, '/settings/calendar');
    // One whose notice nobody knows yet.
    const year = Number(await page.locator('.workyear-head h2').innerText()) + 3;
    const days = [`${year}-03-04`, `${year}-03-10`];
    await clearDays(page, ...days);
    try {
      await open(page, '/settings/calendar');
      for (let n = 0; n < 3; n += 1) await page.getByRole('button', { name: '后一年' }).click();
      await page.locator('.notice', { hasText: `${year} 年的放假通知不在程序里` }).waitFor();
      const figure = async () => Number((await page.locator('.workyear-head .t2').innerText()).match(/\d+/)[0]);
      const before = await figure();
      await page.getByRole('button', { name: '新建放假与调休' }).click();
      await page.fill('#name', '春节假期');
      for (const [field, day] of [['#first_date', days[0]], ['#last_date', days[1]]]) {
        await page.fill(field, day);
        await page.keyboard.press('Enter');
      }
      await page.locator('.ant-drawer-footer .ant-btn-primary').click();
      await page.waitForFunction(() => document.querySelectorAll('.workyear-day.off[title*="春节假期"]').length === 7);
      assert.equal(await figure(), before - 5, 'a week has five working days');
      await page.locator('.settings-table tbody tr', { hasText: '春节假期' }).filter({ hasText: String(year) }).getByRole('button', { name: '删除' }).click();
      await page.waitForFunction(() => document.querySelectorAll('.workyear-day.off[title*="春节假期"]').length === 0);
    } finally {
      await clearDays(page, ...days);
    }
  },

  async 'what starts an approval is told in the list, and approvers are shown the columns of the record at first'(page) {
    await open(page, '/settings/approvals');
    await page.locator('.sorted-line, .sorted-list li', { hasText: '合同法务评审' }).getByText('合同签订').first().waitFor();
    await page.locator('.settings-body .ant-btn-primary').first().click();
    await page.locator('.process-step').first().waitFor();
    const shown = page.locator('.ant-select', { has: page.getByRole('combobox', { name: '给审批人看的字段' }) });
    await shown.getByText('金额').first().waitFor();
    assert.doesNotMatch(await shown.innerText(), /手机|电话/);
    await page.locator('.ant-drawer-footer .ant-btn').last().click();
  },

  async 'a cloud that is switched off leaves rail and palette at once, and comes back by undo'(page) {
    await open(page, '/settings/modules');
    await page.waitForSelector('.settings-modules li');
    const inRail = () => page.locator('.rail').innerText();
    assert.match(await inRail(), /销售/);
    await page.getByRole('switch', { name: '使用销售' }).click();
    await page.waitForFunction(() => ![...document.querySelectorAll('.rail .nav')].some((nav) => nav.textContent.includes('销售')));
    await page.keyboard.press('Control+k');
    await page.waitForSelector('.palette-dialog input');
    await page.keyboard.type('商机');
    await settled(page);
    assert.equal(await page.locator('.palette [role=option]', { hasText: '新建商机' }).count(), 0);
    await page.keyboard.press('Escape');
    await page.locator('.undo-bar .link').click();
    await page.waitForFunction(() => [...document.querySelectorAll('.rail .nav')].some((nav) => nav.textContent.includes('销售')));
  },

  async 'with marketing alone, or sales alone, no page that is offered is refused'(page) {
    const was = (await send(page, 'GET', '/session')).modules;
    const refused = [];
    page.on('response', (answer) => { if (answer.status() >= 400) refused.push(`${answer.status()} ${answer.url()} on ${page.url()}`); });
    const paths = (selector) => page.evaluate((links) => [...document.querySelectorAll(links)].map((link) => link.getAttribute('href')), selector);
    try {
      for (const modules of ['marketing', 'sales']) {
        await send(page, 'PATCH', '/settings', { modules });
        await open(page, '/');
        const offered = new Set(await paths('.content .tabs a[href^="/"]'));
        for (const section of await paths('.rail a[href^="/"]')) {
          await open(page, section);
          for (const path of [section, ...await paths('.rail .sub a')]) offered.add(path);
        }
        assert.ok(offered.size > 8, `${modules}: ${[...offered].join(' ')}`);
        for (const path of offered) {
          await open(page, path);
          assert.equal(await page.getByText('这一页没能显示出来').count(), 0, path);
        }
        for (const path of ['/leads', '/accounts']) {
          await open(page, path);
          await page.locator('[role="row"][data-id] a').first().click();
          await page.locator('.record-head h1').waitFor();
          await settled(page);
        }
      }
    } finally {
      await send(page, 'PATCH', '/settings', { modules: was.join(' ') });
    }
    assert.deepEqual(refused, []);
  },
});
