import assert from 'node:assert/strict';
import { settled } from './settled.mjs';

const digits = (text) => text.replace(/[^\d]/g, '');
const shown = (tab, wanted) => tab.waitForFunction((count) => document.querySelector('.list-foot')?.textContent.replace(/,/g, '').match(/\d+/)?.[0] === count, wanted);

/** The homes: what they say agrees with each other, and what is behind a figure opens. */
export const homeFlows = ({ open, logInAs }) => ({
  async 'the marketer sees journeys and returns, and opens the people and records behind them'() {
    const tab = await logInAs('linxiao');
    await open(tab, '/');
    const journey = tab.locator('aside .slip-list li', { hasText: '人在其中' }).first();
    await journey.waitFor();
    const people = digits(await journey.locator('.count').innerText());
    assert.ok(Number(people) > 0, 'people in a journey');
    await journey.locator('.count').click();
    await tab.locator('.journey-people li').first().waitFor();
    assert.match(await tab.locator('.journey-head').innerText(), new RegExp(`${people} 人在其中`));
    for (const column of [1, 2, 3]) {
      await open(tab, '/');
      const figure = tab.locator('.return-table tbody tr').first().locator('td, th').nth(column).locator('a');
      const wanted = digits(await figure.innerText());
      await figure.click();
      await tab.locator('[role="row"][data-id]').first().waitFor();
      if (column > 1) await shown(tab, wanted);
    }
    await open(tab, '/');
    await tab.locator('.return-table tbody tr').first().locator('td').nth(3).locator('a').click();
    await tab.locator('.credit-deals > li').first().waitFor();
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
});
