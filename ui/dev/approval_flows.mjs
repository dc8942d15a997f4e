import assert from 'node:assert/strict';
import { send } from './send.mjs';
import { settled } from './settled.mjs';

/** An option of the select of that name, the last of that name on the page. */
async function choose(page, label, text, typed = '') {
  await page.waitForFunction(() => ![...document.querySelectorAll('.ant-select-dropdown')].some((list) => list.checkVisibility({ visibilityProperty: true })));
  await page.getByRole('combobox', { name: label, exact: true }).last().click();
  if (typed) await page.keyboard.type(typed);
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: text }).first().click();
}

/** Somebody answers in his queue; what waits for him there has gone then. */
async function answer(logInAs, who, title, act) {
  const page = await logInAs(who);
  try {
    await page.goto(new URL('/approvals', page.url()).href);
    const row = page.locator('.approval-row', { hasText: title });
    await row.click();
    await page.locator('.approval-card h2', { hasText: title }).waitFor();
    await act(page);
    await row.waitFor({ state: 'detached' });
  } finally {
    await page.context().close();
  }
}

const yes = (page) => page.locator('.approval-card .approval-yes').click();

async function no(page) {
  await page.locator('.approval-card .approval-no').click();
  await page.locator('.ant-modal-wrap:visible textarea').fill('价格太低');
  await page.locator('.ant-modal-wrap:visible .ant-btn-primary').click();
}

async function nothingWaits(logInAs, who, title) {
  const page = await logInAs(who);
  try {
    await page.goto(new URL('/approvals', page.url()).href);
    await page.locator('.page-head, h1').first().waitFor();
    await settled(page);
    assert.equal(await page.locator('.approval-row', { hasText: title }).count(), 0, `${who} need not answer any more`);
  } finally {
    await page.context().close();
  }
}

/** A process by hand on deals, made on its screen: three people, so many of whom must agree. */
async function makeProcess(page, name, mode) {
  await page.locator('.settings-body .ant-btn-primary').first().click();
  await page.locator('.process-step').first().waitFor();
  await page.locator('.ant-drawer .rule-form input').first().fill(name);
  await choose(page, '谁审批', mode);
  if (mode.includes('比例')) await page.getByRole('spinbutton', { name: '同意的比例（%）' }).fill('60');
  await choose(page, '谁', '用户');
  for (const [n, person] of ['江涛', '周敏', '韩梅'].entries()) {
    if (n > 0) await page.getByText('加一位').click();
    await choose(page, '用户', person, person);
  }
  await page.locator('.ant-drawer-footer .ant-btn-primary').click();
  await page.locator('.sorted-line, .sorted-list li', { hasText: name }).first().waitFor();
}

/** The deal's owner asks on its page; the panel says who is waited for. */
async function ask(rep, base, deal, name) {
  await rep.goto(`${base}/opportunities/${deal}`);
  await rep.locator('.approval-panel').getByText('提交审批').click();
  await rep.locator('.ant-dropdown:visible').getByText(name).click();
  await rep.locator('.ant-modal-wrap:visible textarea').fill('请看一下');
  await rep.locator('.ant-modal-wrap:visible .ant-btn-primary').click();
  await rep.locator('.approval-one', { hasText: name }).getByText('审批中').waitFor();
  const wide = rep.viewportSize();
  for (const size of [{ width: 390, height: 844 }, wide]) {
    await rep.setViewportSize(size);
    await rep.locator('.path-bar .path-note', { hasText: name }).waitFor();
  }
}

const ended = (rep, name, state) => rep.locator('.approval-one', { hasText: name }).getByText(state).first().waitFor();

/** Approvals as those who ask and those who are asked live them. */
export const approvalFlows = ({ base, open, logInAs }) => ({
  async 'any, all and a share of the approvers: each is made on its screen and answered to its end by mouse, by different people'(page) {
    const mark = String(Date.now()).slice(-8);
    const title = `会签试单${mark}`;
    const made = [];
    await open(page, '/settings/approvals');
    const rep = await logInAs('chensiyuan');
    try {
      const { id: deal } = await send(rep, 'POST', '/opportunities', { name: title, amount: { amount: '86000.00', currency: 'CNY' } });
      const kinds = { any: ['任一人', [yes], '已通过'], all: ['全部同意', [yes, yes, yes], '已通过'], ratio: ['同意的比例', [yes, no, yes], '已通过'], refused: ['全部同意', [yes, no], '已驳回'] };
      const people = ['hanmei', 'zhoumin', 'jiangtao'];
      for (const [kind, [mode, answers, end]] of Object.entries(kinds)) {
        const name = `${kind}${mark}`;
        await makeProcess(page, name, mode);
        made.push(name);
        await ask(rep, base, deal, name);
        for (const [n, act] of answers.entries()) await answer(logInAs, people[n], title, act);
        await ended(rep, name, end);
        for (const who of people.slice(answers.length)) await nothingWaits(logInAs, who, title);
      }
    } finally {
      await rep.context().close();
      for (const name of made) {
        const { data } = await send(page, 'GET', `/approval_processes?where=${encodeURIComponent(JSON.stringify({ field: 'name', op: 'eq', value: name }))}`);
        for (const { id } of data) await send(page, 'DELETE', `/approval_processes/${id}`);
      }
    }
  },

  async 'a conversion that an approval holds waits on the lead, is seen whole by the approver, and is made on his yes'(page) {
    const mark = String(Date.now()).slice(-8);
    const company = `无锡立项${mark}有限公司`;
    await open(page, '/');
    const rep = await logInAs('chensiyuan');
    try {
      const { id: lead } = await send(rep, 'POST', '/leads', { name: `何立${mark.slice(-4)}`, phone: `135${mark}`, company_name: company, product_interest: '控制柜', source: '展会' });
      await send(rep, 'POST', '/activities', { type: 'call', subject_type: 'lead', subject_id: lead, content: '谈过预算', outcome: 'reached' });
      await rep.goto(`${base}/leads/${lead}`);
      await rep.locator('.record-head .ant-btn-primary', { hasText: '转为商机' }).click();
      await rep.locator('.ant-drawer .choices').first().waitFor();
      await rep.getByLabel('金额').fill('3600000');
      await rep.locator('.ant-drawer-footer .ant-btn-primary').click();
      const asked = rep.locator('.ant-modal-wrap:visible', { hasText: '大项目立项' });
      await asked.locator('textarea').fill('年内要交付');
      await asked.locator('.ant-btn-primary').click();
      await rep.locator('.path-note', { hasText: '转化等江涛审批' }).waitFor();
      await rep.locator('.record-head .ant-btn-primary', { hasText: '转为商机' }).click();
      await rep.locator('.ant-drawer .notice', { hasText: '大项目立项' }).waitFor();
      assert.ok(await rep.locator('.ant-drawer-footer .ant-btn-primary').isDisabled(), 'it is not asked for twice');
      await rep.keyboard.press('Escape');
      await answer(logInAs, 'jiangtao', company, async (boss) => {
        const parts = boss.locator('.approval-outcome');
        for (const part of ['商机', '客户', '联系人']) await parts.getByText(part, { exact: true }).waitFor();
        await yes(boss);
      });
      await rep.locator('.path li.now', { hasText: '已转化' }).waitFor();
      const converted = await send(rep, 'GET', `/leads/${lead}/conversion`);
      assert.equal(converted.by.title, '陈思远', 'it is the requester’s');
      assert.ok(converted.opportunity && converted.account && converted.contact && converted.undo);
    } finally {
      await rep.context().close();
    }
  },
});
