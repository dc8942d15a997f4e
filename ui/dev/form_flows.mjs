import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { platform, pusher } from '../../tests/emulators/wechat.mjs';
import { send } from './send.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const leadsOf = async (page, phone) => (await send(page, 'GET', `/leads?where=${encodeURIComponent(JSON.stringify({ field: 'phone', op: 'eq', value: phone }))}`)).data;
const somePhone = (prefix) => `${prefix}${String(Date.now()).slice(-8)}`;

async function serious(tab) {
  await tab.addScriptTag({ content: axe });
  return tab.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`)));
}

/** A site of the company with a form of the company in the page and its tracking script, which comes later and waits for consent. */
async function siteWithForm(base, slug) {
  const body = `<!doctype html><html lang="zh"><meta charset="utf-8"><title>站点</title><script src="${base}/t.js" data-consent="required" defer></script><h1>案例</h1><script src="${base}/f.js" data-form="${slug}" data-title="咨询" async></script></html>`;
  const server = createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(body));
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  return { host: `127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}

/** Forms: made by a marketer, filled in by strangers, seen by the staff. */
export const formFlows = ({ base, open }) => ({
  async 'a form is made by dragging, undone, published, and its true page shown'(page) {
    const slug = `job-${Date.now().toString(36)}`;
    await open(page, '/forms?new=1');
    const [name, address] = [page.locator('.form-new input').first(), page.locator('.form-new input').nth(1)];
    await name.fill('样机申请');
    await address.fill(slug);
    await page.locator('.ant-modal .ant-btn-primary').click();
    await page.locator('.form-canvas').waitFor();
    const cards = page.locator('.form-card');
    assert.equal(await cards.count(), 3);
    await page.locator('.form-offer', { hasText: '单选' }).hover();
    const first = await cards.first().boundingBox();
    await page.mouse.down();
    await page.mouse.move(first.x + 80, first.y + 40, { steps: 6 });
    await page.mouse.move(first.x + 80, first.y + 12, { steps: 4 }); // on a question, nearer to the place above it
    await page.locator('.form-gap.over').waitFor();
    await page.mouse.up();
    await page.waitForFunction(() => document.querySelectorAll('.form-card').length === 4);
    assert.match(await cards.first().innerText(), /单选/);
    await page.locator('.form-card-body').first().focus();
    for (const _ of [1, 2]) await page.keyboard.press('Alt+ArrowDown'); // the one that was moved stays in hand
    await page.waitForFunction(() => document.querySelectorAll('.form-card')[2].textContent.includes('单选'));
    await page.keyboard.press('Alt+ArrowUp');
    await page.waitForFunction(() => document.querySelectorAll('.form-card')[1].textContent.includes('单选'));
    await page.locator('.form-properties').getByLabel('题目文字 中文').fill('哪种样机');
    await page.keyboard.press('Control+z');
    await page.waitForFunction(() => document.querySelectorAll('.form-card')[1].textContent.includes('单选'));
    await page.keyboard.press('Control+y');
    await page.waitForFunction(() => document.querySelectorAll('.form-card')[1].textContent.includes('哪种样机'));
    await page.locator('.form-looks button', { hasText: '手机预览' }).click();
    await page.frameLocator('.form-preview iframe').getByText('哪种样机').waitFor();
    await page.locator('.form-looks button', { hasText: '编辑' }).click();
    await page.locator('.form-head .ant-btn-primary').click();
    await page.locator('.form-head .status', { hasText: '已发布' }).waitFor();
    const shown = await page.context().request.get(`${base}/f/${slug}`);
    assert.equal(shown.status(), 200);
    assert.ok((await shown.text()).length < 30000);
  },

  async 'a stranger without JavaScript corrects a mistake and keeps what was typed; the lead is there'(page) {
    const phone = somePhone('136');
    const visitor = await page.context().browser().newContext({ locale: 'zh-CN', javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    const tab = await visitor.newPage();
    await tab.goto(`${base}/f/servo?utm_source=baidu&utm_campaign=servo&utm_term=${encodeURIComponent('伺服')}`);
    await tab.fill('[name=name]', '访客乙');
    await tab.fill('[name=phone]', '12');
    await tab.fill('[name=company_name]', '无锡乙机械');
    await tab.waitForTimeout(2200);
    await tab.click('button');
    await tab.locator('.errors').waitFor();
    assert.equal(await tab.inputValue('[name=company_name]'), '无锡乙机械');
    assert.match(await tab.locator('#e-phone').innerText(), /位|号/);
    await tab.fill('[name=phone]', phone);
    await tab.check('[name=consent]');
    await tab.click('button');
    await tab.locator('[role=status]').waitFor();
    await visitor.close();
    await open(page, '/leads');
    const [lead] = await leadsOf(page, phone);
    assert.deepEqual([lead.name, lead.source, lead.campaign], ['访客乙', 'baidu', 'servo']);
    const consents = await send(page, 'GET', `/people/${lead.person_id}/consents`);
    assert.deepEqual(consents.now.map(({ channel, state }) => `${channel} ${state}`), ['sms given', 'phone given']);
    await open(page, `/people/${lead.person_id}`);
    await page.locator('.section', { hasText: '同意' }).getByText('短信').first().waitFor();
    await open(page, '/forms');
    await page.locator('tr', { hasText: '/f/servo' }).locator('.strong').click();
    await page.locator('.form-tabs a', { hasText: '收到的提交' }).click();
    await page.locator('.capture', { hasText: '访客乙' }).first().waitFor();
  },

  async 'in a page of the site the form is framed, asks on condition, and knows the visitor'(page) {
    const phone = somePhone('135');
    const site = await siteWithForm(base, 'servo');
    await open(page, '/leads');
    await send(page, 'PATCH', '/settings', { site_hosts: site.host });
    const visitor = await page.context().browser().newContext({ locale: 'zh-CN', colorScheme: 'dark' });
    const tab = await visitor.newPage();
    await tab.goto(`http://${site.host}/?utm_source=douyin&utm_campaign=video`);
    const form = tab.frameLocator('iframe');
    await form.locator('[name=name]').waitFor(); // before that the frame is an empty page, of no colour
    assert.equal(await form.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor), 'rgb(255, 255, 255)', 'light in a light page, whatever the visitor likes');
    await form.locator('[name=name]').fill('访客丙');
    assert.equal(await form.locator('[data-q=which]').isVisible(), false);
    await form.locator('[name=use][value=other]').check();
    assert.equal(await form.locator('[data-q=which]').isVisible(), true);
    await form.locator('[name=use][value=cnc]').check();
    assert.equal(await form.locator('[data-q=which]').isVisible(), false);
    await form.locator('[name=phone]').fill(phone);
    await form.locator('[name=company_name]').fill('苏州丙数控');
    await tab.waitForTimeout(2500);
    assert.equal(await form.locator('[name=visitor]').count(), 0, 'nobody agreed yet');
    await tab.evaluate(() => window.guantong('consent', 'granted'));
    await form.locator('[name=visitor]').waitFor({ state: 'attached' });
    await form.locator('button').click();
    await form.locator('[role=status]').waitFor();
    await tab.waitForFunction(() => document.querySelector('iframe').offsetHeight < 320);
    await visitor.close();
    site.close();
    const [lead] = await leadsOf(page, phone);
    assert.deepEqual([lead.source, lead.campaign, lead.product_interest], ['douyin', 'video', '数控机床']);
    const links = (await send(page, 'GET', `/people/${lead.person_id}/visitor_links`)).data;
    assert.deepEqual(links.map(({ how }) => how), ['form']);
    const elsewhere = await page.context().request.get(`${base}/f/servo`);
    assert.match(elsewhere.headers()['content-security-policy'], new RegExp(`frame-ancestors 'self' ${site.host}`));
    await send(page, 'PATCH', '/settings', { site_hosts: '' });
  },

  async 'a delivery that failed goes through when its field map is put right'(page) {
    await open(page, '/sources');
    await page.locator('tr', { hasText: '展会登记系统' }).locator('.strong').click();
    await page.locator('.capture', { hasText: 'F-1003' }).waitFor();
    await page.locator('.page-head .ant-btn', { hasText: '编辑' }).click();
    await page.locator('.source-path input').nth(1).fill('visitor.tel');
    await page.locator('.ant-drawer-footer .ant-btn-primary').click();
    await page.locator('.ant-drawer').waitFor({ state: 'detached' });
    await page.locator('.capture', { hasText: 'F-1003' }).getByText('重新处理').click();
    await page.locator('.capture', { hasText: 'F-1003' }).locator('a', { hasText: '线索' }).waitFor();
  },

  async 'followers of an account are answered in the safe mode, become people and leads, and their consent goes with them'(page) {
    const aesKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
    const appId = `wx${Date.now().toString(16)}`;
    await open(page, '/sources');
    const rules = [{ on: 'scan', value: 'fair', reply: '欢迎来到展位' }, { on: 'follow', reply: '欢迎关注' }, { on: 'keyword', value: '报价', lead: true, reply: '请留下手机号' }];
    const made = await send(page, 'POST', '/sources', { kind: 'wechat', name: '样例公众号', secret: 'emulated1', aes_key: aesKey, config: { app_id: appId, source: '公众号样例', rules } });
    const account = pusher({ url: base + made.path, token: 'emulated1', appId, aesKey });
    assert.ok(await account.check());
    assert.equal(await pusher({ url: base + made.path, token: 'another1', appId, aesKey }).follow('o1'), null);
    assert.equal(await account.follow('oEmulated01', 'fair'), '欢迎来到展位');
    assert.equal(await account.follow('oEmulated02'), '欢迎关注');
    assert.equal(await account.write('oEmulated01', '我要报价'), '请留下手机号');
    assert.equal(await account.unfollow('oEmulated01'), '');
    const leads = (await send(page, 'GET', `/leads?where=${encodeURIComponent(JSON.stringify({ field: 'source', op: 'eq', value: '公众号样例' }))}`)).data;
    assert.equal(leads.length, 1);
    const { now } = await send(page, 'GET', `/people/${leads[0].person_id}/consents`);
    assert.deepEqual(now.map(({ channel, state }) => `${channel} ${state}`), ['wechat withdrawn']);
    await page.goto(`${base}/sources/${made.id}`);
    await page.locator('.capture').nth(3).waitFor();
    assert.match(await page.locator('.notice').innerText(), /1 次推送被拒/);
  },

  async 'the emulated platform answers with the errors of the real one'() {
    const wechat = await platform({ appId: 'wx1', secret: 's', perWindow: 1 });
    const post = async (path, body) => (await fetch(wechat.url + path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })).json();
    assert.equal((await post('/cgi-bin/stable_token', { appid: 'wx2' })).errcode, 40013);
    assert.equal((await post('/cgi-bin/stable_token', { appid: 'wx1', secret: 'x' })).errcode, 40001);
    assert.equal((await post('/cgi-bin/stable_token', '{')).errcode, 47001);
    const { access_token: token, expires_in: seconds } = await post('/cgi-bin/stable_token', { appid: 'wx1', secret: 's' });
    assert.ok(seconds >= 300);
    const say = () => post(`/cgi-bin/message/custom/send?access_token=${token}`, { touser: 'o1', msgtype: 'text', text: { content: '好' } });
    assert.equal((await say()).errcode, 43004);
    wechat.heard('o1');
    assert.equal((await say()).errcode, 0);
    assert.equal((await say()).errcode, 45047);
    assert.equal((await post('/cgi-bin/message/custom/send', {})).errcode, 41001);
    wechat.close();
  },

  async 'what strangers see has nothing serious for axe, wide and on a phone, light and dark'(page) {
    for (const [width, colorScheme] of [[1280, 'light'], [390, 'dark']]) {
      const visitor = await page.context().browser().newContext({ locale: 'en-GB', colorScheme, viewport: { width, height: 844 }, bypassCSP: true });
      const tab = await visitor.newPage();
      await tab.goto(`${base}/f/servo`);
      assert.deepEqual(await serious(tab), []);
      assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth + 1), 'it scrolls sideways');
      await visitor.close();
    }
  },
});
