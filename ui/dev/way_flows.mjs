import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { send } from './send.mjs';

/** The company's site: articles with the tracking script, and a page with the form framed in it. */
async function companySite(base, form) {
  const script = `<script src="${base}/t.js" defer></script>`;
  const page = (title, body) => `<!doctype html><html lang="zh"><meta charset="utf-8"><title>${title}</title>${script}<h1>${title}</h1>${body}</html>`;
  const pages = {
    '/': page('华岳自动化', '<a href="/cases/servo">案例</a>'),
    '/cases/servo': page('伺服改造案例', '<a href="/pricing">价格</a>'),
    '/pricing': page('价格与交期', '<a href="/contact">联系</a>'),
    '/contact': page('联系我们', `<script src="${base}/f.js" data-form="${form}" data-title="咨询" defer></script>`),
  };
  const server = createServer((request, response) => {
    const body = pages[new URL(request.url, 'http://site').pathname];
    response.writeHead(body ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' }).end(body);
  });
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  return { host: `127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}

const where = (field, value) => encodeURIComponent(JSON.stringify({ field, op: 'eq', value }));
const until = (page, selector, words) => page.waitForFunction(([where, wanted]) => document.querySelector(where)?.textContent?.includes(wanted), [selector, words]);

/** A stranger in his own browser: three pages, then the form. */
async function visit(tab, host, source, person) {
  await tab.goto(`http://${host}/?utm_source=${encodeURIComponent(source)}&utm_medium=cpc&utm_campaign=servo`);
  for (const path of ['/cases/servo', '/pricing', '/contact']) {
    await tab.waitForTimeout(1100); // a visit has a length
    await tab.click(`a[href="${path}"]`);
    await tab.waitForURL(new RegExp(path));
  }
  const form = tab.frameLocator('iframe');
  await form.locator('[name=name]').fill(person.name);
  await form.locator('[name=phone]').fill(person.phone);
  await form.locator('[name=company_name]').fill(person.company);
  await form.locator('[name=use][value=cnc]').check();
  await form.locator('[name=consent]').check();
  await tab.waitForTimeout(2200); // faster than that is taken for a machine
  await form.locator('button').click();
  await form.locator('[role=status]').waitFor();
}

/** The lead is told to the one it is for while he looks at something else; he opens it and calls. */
async function follow(rep, person) {
  await rep.locator('a, button', { hasText: person.name }).first().waitFor();
  const { data: [lead] } = await send(rep, 'GET', `/leads?where=${where('phone', person.phone)}`);
  await rep.goto(new URL(`/leads/${lead.id}`, rep.url()).href);
  await until(rep, '.record-head h1', person.name);
  await rep.locator('.timeline .entry', { hasText: '浏览 4 个页面' }).first().waitFor();
  await rep.locator('.composer .tabs button', { hasText: '电话' }).click();
  await rep.locator('.composer textarea').first().fill('三条线要改，下周来看现场');
  await rep.locator('.composer .next-follow-up button').first().click();
  await rep.locator('.composer textarea').first().press('Control+Enter');
  await until(rep, '.timeline', '三条线要改');
  return lead;
}

/** Converted by the wizard: a new account with its deal. */
async function convert(rep, person, amount) {
  await rep.locator('.record-head .ant-btn-primary', { hasText: '转为商机' }).click();
  await rep.locator('.ant-drawer .choices').first().waitFor();
  await rep.locator('.ant-drawer .choices').getByText('新建商机').click();
  await rep.locator('.ant-drawer .choices').getByText('新建客户').click();
  await rep.getByLabel('金额').fill(String(amount));
  await rep.locator('.ant-drawer-footer .ant-btn-primary').click();
  await rep.waitForURL(/\/opportunities\/\d+/);
  await until(rep, '.record-head h1', person.company);
}

/** One step on: what the stage asks for is filled in. */
async function step(rep, name) {
  await rep.locator('.path li', { hasText: name }).locator('button').click();
  const asked = rep.locator('.ant-modal-wrap:visible');
  await rep.waitForFunction((wanted) => document.querySelector('.path li.now')?.textContent?.includes(wanted) || document.querySelector('.ant-modal-wrap:not([style*="display: none"])'), name);
  if (await asked.count()) await asked.locator('.ant-btn-primary').click();
  await until(rep, '.path li.now', name);
}

/** Into contract signing: the move is held, legal is asked, and it is made when legal agrees. */
async function reviewed(rep, logInAs, person) {
  await rep.locator('.path li', { hasText: '合同签订' }).locator('button').click();
  const asked = rep.locator('.ant-modal-wrap:visible', { hasText: '合同法务评审' });
  await asked.locator('textarea').fill('按标准合同，只改了交期');
  await asked.locator('.ant-btn-primary').click();
  await until(rep, '.approval-panel', '审批中');
  const legal = await logInAs('xiewen');
  try {
    await legal.goto(new URL('/approvals', rep.url()).href);
    await legal.locator('.approval-row', { hasText: person.company }).click();
    await until(legal, '.approval-card h2', person.company);
    await legal.locator('.approval-card .approval-verbs .ant-btn-primary').click();
    await legal.locator('.approval-row', { hasText: person.company }).waitFor({ state: 'detached' });
  } finally {
    await legal.context().close();
  }
  await until(rep, '.path li.now', '合同签订');
}

/** The campaign's leads are chensiyuan's and the site may frame the form, while the story is told. */
async function setting(page, host, source, seller, story) {
  const { site_hosts: before } = await send(page, 'GET', '/settings');
  await send(page, 'PATCH', '/settings', { site_hosts: host });
  const rule = await send(page, 'POST', '/assignment_rules', { name: source, position: 0, strategy: 'owner', people: [{ user_id: seller }], condition: { field: 'source', op: 'eq', value: source } });
  try {
    await story();
  } finally {
    await send(page, 'DELETE', `/assignment_rules/${rule.id}`);
    await send(page, 'PATCH', '/settings', { site_hosts: before ?? '' });
  }
}

/** He comes back on his own: known by now, and warmer. */
async function comeBack(tab, host, rep, lead) {
  const scored = async () => (await send(rep, 'GET', `/leads/${lead.id}/score`)).score;
  const before = await scored();
  await tab.goto(`http://${host}/pricing`);
  await tab.waitForTimeout(1200);
  await tab.goto(`http://${host}/cases/servo`);
  await tab.goto('about:blank');
  for (let tries = 0; (await scored()) <= before; tries += 1) {
    assert.ok(tries < 300, `the score stays at ${before}`);
    await rep.waitForTimeout(200);
  }
}

/** From the first visit to the won deal, as the visitor, his salesman and legal live it, each in a browser of their own. */
export const wayFlows = ({ base, open, logInAs }) => ({
  async 'a stranger becomes a won deal with its credit, in two browsers'(page) {
    const mark = String(Date.now()).slice(-8);
    const person = { name: `程远${mark.slice(-4)}`, phone: `134${mark}`, company: `无锡程远精密机械${mark}有限公司` };
    const source = `渠道${mark}`;
    await open(page, '/');
    const { data: [seller] } = await send(page, 'GET', `/users?where=${where('login', 'chensiyuan')}`);
    const site = await companySite(base, 'servo');
    const rep = await logInAs('chensiyuan');
    const visitor = await page.context().browser().newContext({ locale: 'zh-CN', viewport: { width: 390, height: 844 } });
    try {
      await setting(page, site.host, source, seller.id, async () => {
        const tab = await visitor.newPage();
        await open(rep, '/?view=today');
        await visit(tab, site.host, source, person);
        const lead = await follow(rep, person);
        assert.deepEqual([lead.owner_id, lead.source, lead.campaign], [seller.id, source, 'servo']);
        await comeBack(tab, site.host, rep, lead);

        await convert(rep, person, 186000);
        const deal = rep.url().match(/opportunities\/(\d+)/)[1];
        for (const stage of ['需求确认', '方案报价', '商务谈判']) await step(rep, stage);
        await reviewed(rep, logInAs, person);
        await step(rep, '赢单');
        await until(rep, '.timeline', '三条线要改');
        const won = await send(page, 'GET', `/opportunities/${deal}`);
        assert.deepEqual([won.state, won.owner_id, won.lead_id], ['won', seller.id, lead.id]);
      });
      // All credit is where he came from, by every model.
      await open(page, '/attribution');
      const line = page.locator('tr', { hasText: source });
      await line.waitFor();
      assert.deepEqual((await line.innerText()).split('\t').slice(1), ['1', '1', ...Array(9).fill('18.6 万')]);
    } finally {
      await visitor.close();
      await rep.context().close();
      site.close();
    }
  },
});
