import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { settled } from './settled.mjs';

const cell = (page, rowIndex, label) => page.locator('.table-head [role="columnheader"]').allInnerTexts()
  .then((heads) => page.locator(`[data-row="${rowIndex}"][data-column="${heads.indexOf(label) - 1}"]`));

/** Lists: narrowed, sorted, arranged, edited where they stand, walked by keys, and many of their rows at once. */
export const listFlows = ({ open, openLeads, row }) => ({
  async 'leads begin with the open ones; all and the converted are a press away, and a condition stays within its view'(page) {
    await openLeads(page);
    const found = () => page.locator('.list-foot').innerText();
    const stands = async (view) => { await page.locator('.view-bar [aria-current=page]', { hasText: view }).waitFor(); await settled(page); return found(); };
    const open = await stands('进行中');
    assert.equal(await page.locator('[role="row"][data-id]', { hasText: '已转化' }).count(), 0);
    await page.locator('.view-bar a', { hasText: '全部线索' }).click();
    assert.notEqual(await stands('全部线索'), open);
    await page.locator('.view-bar a', { hasText: '已转化' }).click();
    await stands('已转化');
    assert.equal(await page.locator('[role="row"][data-id]', { hasText: '无效' }).count(), 0);
    await page.locator('.view-bar a', { hasText: '进行中' }).click();
    await stands('进行中');
    await page.locator('.table-head button', { hasText: '姓名' }).click();
    await page.waitForURL(/sort=name/);
    assert.equal(await stands('进行中'), open);
    await page.locator('.filter-bar .quiet-button', { hasText: '还原' }).click();
    await page.waitForURL((url) => !url.search);
  },

  async 'a condition narrows the list, stands in the address and goes by Back'(page) {
    await openLeads(page, '?view=all');
    const before = await page.locator('.list-foot').innerText();
    await page.locator('.filter-bar .quiet-button').first().click();
    await page.locator('.ant-popover .leaf-editor .ant-select').first().waitFor();
    await page.keyboard.type('状态');
    await page.keyboard.press('Enter');
    await page.locator('.ant-select-dropdown:visible').waitFor({ state: 'hidden' });
    await page.locator('.ant-popover .operand .ant-select').click();
    await page.locator('.ant-select-dropdown:visible').last().locator('.ant-select-item-option').first().click();
    await page.keyboard.press('Escape');
    await page.locator('.ant-popover .ant-btn-primary').click();
    await page.waitForFunction((old) => document.querySelector('.list-foot')?.textContent !== old, before);
    assert.match(decodeURIComponent(page.url()), /"field":"status"/);
    assert.equal(await page.locator('.chip').count(), 1);
    await page.goBack();
    await page.waitForFunction(() => document.querySelectorAll('.chip').length === 0);
  },

  async 'back from a record the keyboard goes on in its row'(page) {
    await openLeads(page);
    for (const row of [0, 1, 2]) {
      await page.keyboard.press('j');
      await page.waitForFunction((at) => document.activeElement?.dataset.row === String(at), row);
    }
    await page.keyboard.press('Enter');
    await page.waitForSelector('.record-head h1');
    await settled(page);
    await page.goBack();
    await page.waitForFunction(() => document.activeElement?.dataset.row === '2');
    await page.keyboard.press('j');
    await page.waitForFunction(() => document.activeElement?.dataset.row === '3');
  },

  async 'deals begin with those that are open, and the board keeps what has ended'(page) {
    await open(page, '/opportunities');
    await page.waitForSelector('[role="row"][data-id]');
    assert.equal(await page.locator('.view-bar .tabs a.on').innerText(), '进行中');
    assert.equal(await page.locator('[role="row"][data-id]', { hasText: /赢单|输单/ }).count(), 0);
    await page.locator('.view-bar .segments button', { hasText: '看板' }).click();
    await page.locator('.board-closed a[href*="opportunities/"]').first().waitFor();
    await page.locator('.view-bar .tabs a', { hasText: '赢单' }).click();
    await page.locator('[role="row"][data-id]', { hasText: '赢单' }).first().waitFor();
  },

  async 'a column head sorts both ways'(page) {
    await openLeads(page);
    const head = page.locator('.table-head button', { hasText: '姓名' });
    await head.click();
    await page.waitForSelector('[role="columnheader"][aria-sort="ascending"]');
    assert.match(page.url(), /sort=name/);
    await head.click();
    await page.waitForURL(/sort=-name/);
    await page.waitForSelector('[role="columnheader"][aria-sort="descending"]');
  },

  async 'columns are dragged to another place and width, and the width stays'(page) {
    await openLeads(page);
    const names = () => page.locator('.table-head [role="columnheader"]').allInnerTexts().then((heads) => heads.filter(Boolean));
    const head = (label) => page.locator('.table-head [role="columnheader"]', { hasText: label });
    const before = await names();
    await head('来源').dragTo(head('公司'));
    const stands = (label, at) => page.waitForFunction(([text, index]) => [...document.querySelectorAll('.table-head [role="columnheader"]')]
      .filter((one) => one.textContent)[index]?.textContent === text, [label, at]);
    await stands('来源', before.indexOf('公司'));
    assert.match(page.url(), /columns=/);
    await head('来源').locator('button').focus();
    await page.keyboard.press('Alt+ArrowRight');
    await stands('来源', before.indexOf('公司') + 1);
    const width = () => head('公司').evaluate((element) => element.offsetWidth);
    const wide = await width();
    const edge = await head('公司').locator('.width-handle').boundingBox();
    await page.mouse.move(edge.x + 4, edge.y + 8);
    await page.mouse.down();
    await page.mouse.move(edge.x + 64, edge.y + 8, { steps: 4 });
    await page.mouse.up();
    assert.equal(await width(), wide + 60);
    await page.reload();
    await settled(page);
    assert.equal(await width(), wide + 60, 'kept in this browser');
    await head('公司').locator('.width-handle').dblclick();
    await page.waitForFunction((px) => [...document.querySelectorAll('.table-head [role="columnheader"]')].find((one) => one.textContent === '公司').offsetWidth === px, wide);
  },

  async 'what a filter finds is exported as it stands: its rows, its columns'(page) {
    const where = encodeURIComponent(JSON.stringify({ field: 'status', op: 'eq', value: 'returned' }));
    await openLeads(page, `?columns=name,status,phone&where=${where}`);
    const count = Number((await page.locator('.list-foot').innerText()).replace(/\D/g, ''));
    assert.ok(count > 0 && count < 200, `a part of the leads: ${count}`);
    await page.locator('.page-head .icon-button').first().click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.ant-dropdown-menu-item a', { hasText: 'CSV' }).click()]);
    const lines = readFileSync(await file.path(), 'utf8').replace(/^\ufeff/, '').trim().split(/\r?\n/);
    assert.equal(lines[0], '姓名,状态,手机');
    assert.equal(lines.length - 1, count);
    assert.ok(lines.slice(1).every((line) => /^[^,]+,已退回,/.test(line)), lines[1]);
    await page.keyboard.press('Escape');
  },

  async 'a cell is edited where it stands and taken back with Z'(page) {
    await openLeads(page);
    const company = await cell(page, 1, '公司');
    const before = await company.innerText();
    await company.click();
    const input = company.locator('input');
    await input.fill('改过的公司');
    await input.press('Enter');
    await page.waitForSelector('.undo-bar');
    assert.equal(await company.innerText(), '改过的公司');
    await page.keyboard.press('z');
    await page.waitForFunction(([text]) => document.querySelector('[data-row="1"][data-column="1"]')?.textContent === text, [before]);
  },

  async 'Escape takes an edit back without saving'(page) {
    await openLeads(page);
    const company = await cell(page, 0, '公司');
    const before = await company.innerText();
    await company.click();
    await company.locator('input').fill('nothing of this');
    await page.keyboard.press('Escape');
    assert.equal(await company.innerText(), before);
  },

  async 'cells are reached and edited by keyboard alone'(page) {
    await openLeads(page);
    await page.locator('[data-row="0"][data-column="0"]').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.activeElement?.matches('[data-row="1"][data-column="1"]'));
    await page.keyboard.press('Enter');
    await page.waitForSelector('.inline-editor input');
    await page.keyboard.press('Escape');
  },

  async 'rows are walked with J and K, chosen with X and opened with Enter'(page) {
    await openLeads(page);
    await page.keyboard.press('j');
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-row') === '0');
    for (const [key, at] of [['j', '1'], ['j', '2'], ['k', '1']]) {
      await page.keyboard.press(key);
      await page.waitForFunction((wanted) => document.activeElement?.getAttribute('data-row') === wanted, at);
    }
    await page.keyboard.press('x');
    await page.waitForFunction(() => document.querySelector('.bulk-bar b')?.textContent?.includes('1'));
    const name = await row(page, 1).locator('a.title').innerText();
    await page.keyboard.press('Enter');
    await page.waitForSelector('.record-head h1');
    assert.equal(await page.locator('.record-head h1').innerText(), name);
  },

  async 'a list where nothing is found says which condition to drop, and drops it'(page) {
    const where = { all: [{ field: 'status', op: 'eq', value: 'working' }, { field: 'name', op: 'contains', value: '没有这个人' }] };
    await open(page, `/leads?where=${encodeURIComponent(JSON.stringify(where))}`);
    await page.waitForSelector('.list-body .empty');
    assert.match(await page.locator('.list-body .empty').innerText(), /没有这个人/);
    await page.locator('.list-body .empty .ant-btn-primary').click();
    await page.waitForSelector('[role="row"][data-id]');
    assert.equal(await page.locator('.chip').count(), 1);
  },

  async 'the list reads on as one scrolls'(page) {
    await openLeads(page);
    await page.waitForFunction((beyondTheFirstPage) => {
      document.querySelector('.table').scrollBy(0, 1500);
      return Number([...document.querySelectorAll('[role="row"][data-id]')].at(-1)?.getAttribute('aria-rowindex')) > beyondTheFirstPage;
    }, 110, { polling: 50 });
    assert.ok((await page.locator('[role="row"][data-id]').count()) < 80, 'only rows in view are drawn');
  },

  async 'many rows are chosen, counted, assigned and given back'(page) {
    await openLeads(page);
    for (const index of [0, 1, 2]) await row(page, index).locator('input[type=checkbox]').check({ force: true });
    await page.waitForFunction(() => document.querySelector('.bulk-bar b')?.textContent?.includes('3'));
    await page.locator('.bulk-bar > .link').click();
    await page.waitForFunction(() => !document.querySelector('.bulk-bar > .link'));
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('.bulk-bar'));
    for (const index of [0, 1]) await row(page, index).locator('input[type=checkbox]').check({ force: true });
    await page.locator('.bulk-bar .quiet-button', { hasText: '分配' }).click();
    await page.locator('.ant-select-dropdown:visible .ant-select-item-option').nth(1).click();
    await page.locator('.bulk-form .ant-btn-primary').click();
    await page.waitForSelector('.undo-bar');
    assert.match(await page.locator('.undo-bar').innerText(), /2/);
    await page.keyboard.press('z');
    await page.waitForSelector('.saying');
  },

  async 'all a filter finds is changed beyond one call, left and come back to, and undone'(page) {
    await open(page, '/leads');
    await page.evaluate(async () => {
      const add = (index) => fetch('/api/v1/leads', {
        method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' },
        body: JSON.stringify({ name: `批量${index}`, phone: `137${String(index).padStart(8, '0')}`, company_name: '批量测试公司' }),
      });
      for (let index = 0; index < 620; index += 20) await Promise.all(Array.from({ length: 20 }, (_, at) => add(index + at)));
    });
    await openLeads(page, `?where=${encodeURIComponent(JSON.stringify({ field: 'company_name', op: 'eq', value: '批量测试公司' }))}`);
    for (const index of [0, 1, 2]) await row(page, index).locator('input[type=checkbox]').check({ force: true });
    await page.waitForFunction(() => /已选 3 条[\s\S]*选中全部 620 条/.test(document.querySelector('.bulk-bar')?.innerText ?? ''));
    await page.locator('.bulk-bar > .link').click();
    await page.locator('.bulk-bar .quiet-button', { hasText: '改字段' }).click();
    await page.keyboard.type('职位');
    await page.keyboard.press('Enter');
    await page.locator('.bulk-form input').last().fill('批量改的');
    await page.locator('.bulk-form .ant-btn-primary').click();
    await page.locator('.rail a', { hasText: '今日' }).click();
    await page.waitForFunction(() => document.querySelector('.bulk-status')?.textContent?.includes('完成 620 条'));
    await page.locator('.bulk-status a').click();
    await page.waitForFunction(() => document.querySelector('.bulk-figures')?.textContent?.includes('620'));
    await page.reload();
    await page.waitForFunction(() => document.querySelector('.bulk-figures')?.textContent?.includes('620'));
    await page.locator('.page-head .ant-btn').first().click();
    await page.waitForFunction(() => /已撤销\s*620/.test(document.querySelector('.bulk-figures')?.innerText ?? ''));
    const changed = await page.evaluate(async () => (await (await fetch(`/api/v1/leads?count=true&where=${encodeURIComponent(JSON.stringify({ field: 'job_title', op: 'eq', value: '批量改的' }))}`)).json()).total.value);
    assert.equal(changed, 0);
  },

  async 'a value of an imported file stands for one that is there, amounts are of another currency, and all of it is undone'(page) {
    await open(page, '/imports?entity=opportunity');
    const rows = [`商机名称,阶段,金额,批次 ${Date.now()}`, `换线改造 ${Date.now()},Won,1054,1`]; // headers of their own: what was decided before is remembered
    await page.locator('input[type=file]').setInputFiles({ name: 'deals.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) });
    const choose = async (label, text) => {
      await page.getByRole('combobox', { name: label }).click();
      await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: text }).first().click();
    };
    await choose('金额的币种', 'USD');
    await page.getByRole('button', { name: '下一步：检查' }).click();
    await choose('怎样处理「Won」', '赢单');
    await page.getByRole('button', { name: '按以上处理导入' }).click();
    await page.getByText('导入完成，1 行写入了商机').waitFor();
    await page.getByRole('button', { name: '撤销这次导入' }).click();
    await page.getByText('这次导入已撤销').waitFor();
  },
});
