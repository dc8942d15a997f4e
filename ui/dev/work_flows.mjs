import assert from 'node:assert/strict';
import { send } from './send.mjs';
import { settled } from './settled.mjs';

/** The card of the board that leads there is taken with the pointer and let go over the column of that number. */
async function drag(page, href, index) {
  const card = page.locator(`.board-card:has(a[href="${href}"])`);
  await card.scrollIntoViewIfNeeded();
  const from = await card.boundingBox();
  const to = await page.locator('.board-column').nth(index).boundingBox();
  await page.mouse.move(from.x + 60, from.y + from.height - 12);
  await page.mouse.down();
  await page.mouse.move(from.x + 80, from.y + from.height, { steps: 4 });
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 10 });
  // A column that could not yet say it is meant is not dropped on.
  await page.waitForFunction((at) => document.querySelectorAll('.board-column')[at]?.classList.contains('target'), index);
  await page.mouse.up();
}

const standsIn = (page, href, index) => page.waitForFunction(([path, at]) => document.querySelectorAll('.board-column')[at]?.querySelector(`a[href="${path}"]`), [href, index]);

/** The day: the board, the queue, the calendar, the team, and people who are one. */
export const workFlows = ({ open, logInAs }) => ({
  async 'a deal is dragged over the board and taken back; where it is lost the reason is asked'(page) {
    await open(page, '/opportunities?form=board');
    await page.waitForSelector('.board-card');
    const card = page.locator('.board-column').first().locator('.board-card').first();
    const id = await card.locator('a').first().getAttribute('href');
    const columnOf = () => page.evaluate((href) => [...document.querySelectorAll('.board-column')].findIndex((one) => one.querySelector(`a[href="${href}"]`)), id);
    assert.equal(await columnOf(), 0);
    await drag(page, id, 1);
    await standsIn(page, id, 1);
    await page.waitForSelector('.undo-bar');
    await page.keyboard.press('z');
    await standsIn(page, id, 0);
    await page.waitForSelector('.saying');
    await drag(page, id, (await page.locator('.board-column').count()) - 1);
    await page.waitForSelector('.ant-modal');
    assert.match(await page.locator('.ant-modal').innerText(), /输单原因/);
    await page.locator('.ant-modal .ant-btn').first().click();
    await page.waitForFunction(() => !document.querySelector('.ant-modal-wrap:not([style*="display: none"])'));
    await standsIn(page, id, 0);
  },

  async 'a deal ends by the buttons of its page: the lost one asks for the reason, the won one is taken back'(page) {
    const deal = await page.evaluate(async () => {
      const where = encodeURIComponent(JSON.stringify({ all: [{ field: 'state', op: 'eq', value: 'open' }, { field: 'amount', op: 'lt', value: { amount: '200000', currency: 'CNY' } }] }));
      return (await (await fetch(`/api/v1/opportunities?limit=1&where=${where}`)).json()).data[0];
    });
    await open(page, `/opportunities/${deal.id}`);
    const verbs = page.locator('.record-head .verbs');
    await verbs.getByRole('button', { name: '输单' }).click();
    await page.waitForSelector('.ant-modal');
    assert.match(await page.locator('.ant-modal').innerText(), /输单原因/);
    await page.locator('.ant-modal .ant-btn').first().click();
    await page.waitForFunction(() => !document.querySelector('.ant-modal-wrap:not([style*="display: none"])'));
    await verbs.getByRole('button', { name: '赢单' }).click();
    await verbs.getByRole('button', { name: '赢单' }).waitFor({ state: 'detached' });
    await page.waitForSelector('.undo-bar');
    await page.keyboard.press('z');
    await verbs.getByRole('button', { name: '赢单' }).waitFor();
  },

  async 'of two who move one deal the later hears where it went, and that move stands'(page) {
    const { columns: [, second] } = await send(page, 'GET', '/opportunities/board');
    const deal = await send(page, 'POST', '/opportunities', { name: `两人同推 ${Date.now()}` });
    const href = `/opportunities/${deal.id}`;
    const stream = '**/api/v1/stream*';
    try {
      await page.route(stream, (route) => route.abort()); // a board that has not heard yet
      await open(page, '/opportunities?form=board');
      await standsIn(page, href, 0);
      await send(page, 'POST', `${href}/move`, { stage_id: second.stage.id });
      await drag(page, href, 2);
      await page.getByText(`刚被别人移到「${second.stage.name}」`).waitFor();
      await standsIn(page, href, 1);
    } finally {
      await page.unroute(stream);
      await send(page, 'DELETE', href);
    }
  },

  async 'the queue is walked with J and K'(page) {
    await open(page, '/?view=today');
    await page.evaluate(async () => {
      const late = new Date(Date.now() - 60_000).toISOString();
      const { user } = await (await fetch('/api/v1/session')).json();
      for (const title of ['回电话', '寄样品', '发报价']) {
        await fetch('/api/v1/tasks', {
          method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' },
          body: JSON.stringify({ title, status: 'open', due_at: late, owner_id: user.id }),
        });
      }
    });
    await page.reload();
    await page.waitForSelector('.queue-item.on');
    const place = () => page.locator('.queue-item').evaluateAll((items) => items.findIndex((item) => item.classList.contains('on')));
    const stands = (wanted) => page.waitForFunction((at) => document.querySelectorAll('.queue-item')[at]?.classList.contains('on'), wanted);
    assert.equal(await place(), 0);
    // As fast as the keys come: none of them may act on the item before.
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await stands(2);
    await page.keyboard.press('k');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    await stands(0);
    assert.match(page.url(), /view=today.*item=/);
  },

  async 'a task is dragged to another day of the calendar and taken back'(page) {
    await open(page, '/');
    const title = `看样品 ${Date.now()}`;
    const at = await page.evaluate(async (name) => {
      const due = new Date(Date.now() + 60_000).toISOString();
      await fetch('/api/v1/tasks', {
        method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' }, body: JSON.stringify({ title: name, status: 'open', due_at: due }),
      });
      return due;
    }, title);
    const where = encodeURIComponent(JSON.stringify({ field: 'title', op: 'eq', value: title }));
    await open(page, `/tasks?form=calendar&span=week&where=${where}`);
    const item = page.locator('.calendar-item', { hasText: title });
    await item.waitFor();
    const dayOf = () => page.evaluate((name) => [...document.querySelectorAll('.calendar-day')]
      .findIndex((day) => day.textContent.includes(name)), title);
    const stands = (wanted) => page.waitForFunction(([name, index]) => document.querySelectorAll('.calendar-day')[index]?.textContent.includes(name), [title, wanted]);
    const before = await dayOf();
    const after = before === 6 ? 5 : before + 1;
    const from = await item.boundingBox();
    const to = await page.locator('.calendar-day').nth(after).boundingBox();
    await page.mouse.move(from.x + 20, from.y + 8);
    await page.mouse.down();
    await page.mouse.move(to.x + 40, to.y + 60, { steps: 8 });
    await page.waitForFunction((index) => document.querySelectorAll('.calendar-day')[index]?.classList.contains('over'), after);
    await page.mouse.up();
    await stands(after);
    await page.waitForSelector('.undo-bar');
    const dueNow = () => page.evaluate(async (wanted) => (await (await fetch(`/api/v1/tasks?where=${wanted}`)).json()).data[0].due_at, where);
    assert.equal(Date.parse(await dueNow()) - Date.parse(at), (after - before) * 86_400_000, 'the same time on another day');
    await page.keyboard.press('z');
    await stands(before);
    await page.waitForSelector('.saying');
    assert.equal(await dueNow(), at);
    await page.locator('.calendar-bar .segments button').first().click();
    await page.waitForURL(/span=month/);
    await page.locator('.calendar-item a', { hasText: title }).click();
    await page.waitForURL(/\/tasks\/\d+/);
  },

  async 'the manager sees the team, a figure opens its records'() {
    const other = await logInAs('zhoumin');
    await open(other, '/');
    await other.waitForSelector('.team-table tbody tr');
    const count = other.locator('.team-table tbody td.num a').first();
    const figure = (await count.innerText()).replace(/\D/g, '');
    assert.ok(figure, 'a figure to open');
    await count.click();
    await other.waitForSelector('[role="row"][data-id]');
    await other.waitForFunction((wanted) => document.querySelector('.list-foot')?.textContent.replace(/,/g, '').match(/\d+/)?.[0] === wanted, figure);
    await other.goBack();
    await other.locator('.home-views a', { hasText: '今日' }).click();
    await other.waitForURL(/view=today/);
    await other.waitForSelector('.empty, .queue');
    await other.context().close();
  },

  async 'a manager finds, joins and takes apart two people'() {
    const other = await logInAs('zhoumin');
    await open(other, '/');
    // Another name each time, else those of the last time are found again.
    const digits = String(Date.now()).slice(-6);
    const name = `孟${[...digits].slice(-3).map((digit) => '安彬德飞国海建凯立明'[Number(digit)]).join('')}`;
    const company = `${[...digits].map((digit) => '东南西北金木水火山河'[Number(digit)]).join('')}纺织厂`;
    const phones = [`1380${digits}1`, `1380${digits}2`];
    await other.evaluate(async ([who, employer, numbers]) => {
      for (const [index, phone] of numbers.entries()) {
        const lead = { name: who, phone, company_name: employer, ...(index === 0 ? { job_title: '采购经理' } : { email: `mqy${phone}@hechuan.cn` }) };
        await fetch('/api/v1/leads', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' }, body: JSON.stringify(lead) });
      }
    }, [name, company, phones]);
    await other.locator('.rail a', { hasText: '数据' }).click();
    await other.locator('.rail a', { hasText: '疑似重复' }).click();
    await other.locator('.page .ant-btn', { hasText: '查找重复' }).click();
    await other.waitForFunction(() => /找到 \d+ 对疑似重复/.test(document.querySelector('.duplicates-said')?.textContent ?? ''));
    const card = other.locator('.pair', { hasText: company });
    // Others may be likelier, and more come as one scrolls.
    const bringUp = async () => {
      await other.locator('.pair').first().waitFor();
      for (let page = 0; page < 20 && !(await card.count()); page += 1) {
        await other.locator('.pair').last().scrollIntoViewIfNeeded();
        await settled(other);
      }
      await card.waitFor();
    };
    await bringUp();
    assert.match(await card.locator('h2').innerText(), /同一个.*%/);
    assert.match(await card.locator('.pair-row', { hasText: '姓名' }).innerText(), /相同/);

    // The second stays, but with the number of the first.
    await card.locator('.pair-head input').nth(1).check();
    await card.locator('.pair-row', { hasText: '手机' }).locator('input').first().check();
    await other.keyboard.press('m');
    await card.waitFor({ state: 'detached' });
    await other.waitForSelector('.undo-bar');
    const people = () => other.evaluate(async (employer) => {
      const where = encodeURIComponent(JSON.stringify({ field: 'company_name', op: 'eq', value: employer }));
      return (await (await fetch(`/api/v1/people?where=${where}&sort=phone`)).json()).data.map(({ phone, job_title, email }) => [phone, job_title, email]);
    }, company);
    const email = `mqy${phones[1]}@hechuan.cn`;
    assert.deepEqual(await people(), [[phones[0], '采购经理', email]]);

    await other.locator('.duplicates-bar a', { hasText: '已合并' }).click();
    await other.waitForURL(/state=merged/);
    await card.locator('.pill', { hasText: '留下的' }).waitFor();
    await card.getByRole('button', { name: '撤销' }).click();
    await card.waitFor({ state: 'detached' });
    await other.locator('.saying', { hasText: '已撤销' }).waitFor(); // it leaves the list before the server has answered
    assert.deepEqual(await people(), [[phones[0], '采购经理', null], [phones[1], null, email]]);

    await other.locator('.duplicates-bar a', { hasText: '待审' }).click();
    await bringUp();
    // It may have come to stand above the one that is chosen, or below.
    while (!(await card.getAttribute('aria-current'))) {
      const chosen = await other.locator('.pair.on').getAttribute('data-id');
      const below = await card.evaluate((one) => Boolean(document.querySelector('.pair.on').compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING));
      await other.keyboard.press(below ? 'j' : 'k');
      await other.waitForFunction((id) => document.querySelector('.pair.on')?.getAttribute('data-id') !== id, chosen);
    }
    await other.keyboard.press('d');
    await card.waitFor({ state: 'detached' });
    await other.waitForSelector('.undo-bar');
    await other.keyboard.press('z');
    await card.waitFor();
    await other.context().close();
  },
});
