import assert from 'node:assert/strict';
import { send } from './send.mjs';
import { settled } from './settled.mjs';

const digits = (text) => text.replace(/[^\d]/g, '');
const shown = (tab, wanted) => tab.waitForFunction((count) => document.querySelector('.list-foot')?.textContent.replace(/,/g, '').match(/\d+/)?.[0] === count, String(wanted));

/** How many the server finds now for what the address of a list asks. */
const countOf = (tab, address) => tab.evaluate(async (at) => {
  const { pathname, searchParams } = new URL(at, location.href);
  const answer = await fetch(`/api/v1${pathname}/count?where=${encodeURIComponent(searchParams.get('where'))}`);
  return (await answer.json()).total.value;
}, address);

/** The page of a journey says how many stand in it now; people come and go meanwhile. */
const peopleShown = (tab) => tab.waitForFunction(async () => {
  const { here } = await (await fetch(`/api/v1${location.pathname}/figures`)).json();
  const people = Object.values(here).reduce((sum, n) => sum + n, 0);
  return document.querySelector('.journey-head')?.innerText.match(/(\d+) 人在其中/)?.[1] === String(people);
}, undefined, { polling: 1000 });

/** The homes: what they say agrees with each other, and what is behind a figure opens. */
export const homeFlows = ({ open, logInAs }) => ({
  async 'the marketer sees journeys and returns, and opens the people and records behind them'() {
    const tab = await logInAs('linxiao');
    await open(tab, '/');
    await tab.locator('aside .slip-list a.count', { hasText: '人在其中' }).first().click();
    await tab.locator('.journey-people li').first().waitFor();
    await peopleShown(tab);
    const campaign = tab.locator('.return-table tbody tr:has(td:nth-child(3) a):has(td:nth-child(4) a)').first();
    for (const column of [1, 2, 3]) {
      await open(tab, '/');
      const figure = campaign.locator('td, th').nth(column).locator('a');
      if (column > 1) assert.equal(Number(digits(await figure.innerText())), await countOf(tab, await figure.getAttribute('href')));
      await figure.click();
      await tab.locator('[role="row"][data-id]').first().waitFor();
      if (column > 1) await shown(tab, await countOf(tab, tab.url()));
    }
    await open(tab, '/');
    await campaign.locator('td').nth(3).locator('a').click();
    await tab.locator('.credit-deals > li').first().waitFor();
    await tab.context().close();
  },

  async 'who may not set up the sending account is told whom to ask, and led to no page that is closed'() {
    const tab = await logInAs('linxiao');
    await open(tab, '/');
    const newest = async (entity) => (await send(tab, 'GET', `/${entity}?limit=1`)).data[0].id;
    const draft = await send(tab, 'POST', '/mailings', { name: '还不能启动', template_id: await newest('mail_templates'), segment_id: await newest('segments') });
    await open(tab, `/mailings/${draft.id}`);
    await tab.locator('.notice', { hasText: '请管理员' }).waitFor();
    assert.equal(await tab.locator('.content a[href="/settings/mail"]').count(), 0);
    await send(tab, 'DELETE', `/mailings/${draft.id}`);
    await tab.context().close();
  },

  async 'deals under way are the same number on both homes of a manager'() {
    const tab = await logInAs('zhoumin');
    await open(tab, '/?view=team');
    const figure = tab.locator('.home-figure', { hasText: '在途金额' });
    const team = digits((await figure.innerText()).match(/([\d,]+) 个商机/)[1]);
    const sum = (await figure.locator('.figure').innerText()).replace(/\s/g, '');
    await open(tab, '/?view=deals');
    const sentence = (await tab.locator('.home-head p').innerText()).replace(/\s/g, '');
    assert.ok(sentence.startsWith(`${team}个商机在途`), `${team} deals in: ${sentence}`);
    assert.ok(sentence.includes(sum), `${sum} in: ${sentence}`);
    await tab.context().close();
  },

  async 'what was spent and what came of no campaign opens too'(page) {
    await open(page, '/attribution?view=roi');
    const none = page.locator('.report-body tbody tr', { hasText: '未说明' });
    await none.locator('td').nth(1).locator('a').click();
    await page.locator('[role="row"][data-id]').first().waitFor();
    await page.goBack();
    await settled(page);
    const leads = none.locator('td').nth(2).locator('a');
    await leads.click();
    await page.locator('[role="row"][data-id]').first().waitFor();
  },

  async 'a manager sets a target and adjusts a forecast from where they stand, with a reason'() {
    const tab = await logInAs('zhoumin');
    await open(tab, '/performance?view=targets');
    const cell = tab.locator('.target-grid input:placeholder-shown').first();
    const at = await cell.getAttribute('data-cell');
    const save = tab.locator('.report-filters .ant-btn');
    const kept = tab.locator(`[data-cell="${at}"]`);
    for (const [typed, shows] of [['1234567', '1,234,567'], ['', '']]) {
      await kept.fill(typed);
      const answer = tab.waitForResponse((one) => one.url().includes('/targets/set'));
      await save.click();
      assert.equal((await answer).status(), 200);
      await settled(tab);
      await open(tab, '/performance?view=targets');
      assert.equal(await kept.inputValue(), shows);
    }
    await open(tab, '/forecast');
    const adjust = tab.locator('.plain-table button.link').first();
    const name = (await adjust.getAttribute('aria-label')).replace(/^调整|的预测$/g, '');
    await adjust.click();
    const drawer = tab.locator('.ant-drawer-body');
    await drawer.waitFor();
    await settled(tab);
    assert.ok((await drawer.innerText()).includes(name), 'whom it is for is filled in');
    await tab.locator('.ant-drawer-footer .ant-btn-primary').click();
    await drawer.locator('.ant-form-item-explain-error', { hasText: '请填写原因' }).waitFor();
    await tab.context().close();
  },

  async 'a manager who looks at one department sees its funnel and opens it'() {
    const tab = await logInAs('zhoumin');
    await open(tab, '/?view=team');
    const rate = () => tab.locator('.step-list li').first().innerText();
    const whole = await rate();
    const { departments } = await send(tab, 'GET', '/home/team');
    const one = departments.find(({ name }) => name === '浙沪皖组');
    await open(tab, `/?view=team&department=${one.id}`);
    assert.notEqual(await rate(), whole);
    await tab.locator('a[href="/reports/funnel?department=' + one.id + '"]').waitFor();
    await tab.context().close();
  },

  async 'a rep reads that the sum is of what he sees, beside a ranking of others'() {
    const tab = await logInAs('chensiyuan');
    await open(tab, '/performance?period=quarter');
    assert.match(await tab.locator('.answer').innerText(), /我能看的已赢单/);
    await tab.context().close();
  },
});
