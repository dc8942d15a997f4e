import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';

/** A site of the company, of another origin: three pages, the last one reached without a load. */
async function testSite(base) {
  const head = (attributes) => `<!doctype html><meta charset="utf-8"><title>站点</title><script src="${base}/t.js" ${attributes} defer></script>`;
  const pages = {
    '/': `${head('')}<a href="/cases">案例</a>`,
    '/asks': head('data-consent="required"'),
    '/mine': `<script>window.guantong = function () { (guantong.q = guantong.q || []).push(arguments); }; guantong('identify', new URLSearchParams(location.search).get('token'));</script>${head('')}${head('')}`,
    '/cases': `${head('')}<button type="button" onclick="history.pushState({}, '', '/contact'); document.forms[0].hidden = false">联系</button>
      <form hidden method="post" action="${base}/f/lead" data-guantong><input name="name"><input name="phone"><button type="submit">提交</button></form>`,
  };
  const server = createServer((request, response) => {
    const body = pages[new URL(request.url, 'http://site').pathname];
    response.writeHead(body ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' }).end(body);
  });
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}

/** As a site's server signs who is logged in. */
function signed(secret, claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ exp: Math.floor(Date.now() / 1000) + 600, ...claims })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

async function until(true_, tries = 300) {
  for (; tries > 0 && !(await true_()); tries -= 1) await new Promise((done) => { setTimeout(done, 100); });
  return tries > 0;
}

/** What visitors of the company's site do, and what the staff see of it. */
export const visitorFlows = ({ base, open, openLeads, row }) => ({
  async 'what a visitor read before the form stands on the timeline of the lead'(page) {
    const site = await testSite(base);
    const visitor = await page.context().browser().newContext({ locale: 'zh-CN' });
    const tab = await visitor.newPage();
    const phone = `137${String(Date.now()).slice(-8)}`;
    await tab.goto(`${site.address}/?utm_source=baidu&utm_campaign=servo&token=secret`);
    await tab.waitForTimeout(1200);
    await tab.click('a');
    await tab.waitForURL(/cases/);
    await tab.click('button'); // an application's own navigation
    await tab.waitForURL(/contact/);
    await tab.fill('[name=name]', '访客甲');
    await tab.fill('[name=phone]', phone);
    await Promise.all([tab.waitForURL(/f\/lead/), tab.click('[type=submit]')]);
    await visitor.close();
    site.close();
    await openLeads(page, `?where=${encodeURIComponent(JSON.stringify({ field: 'phone', op: 'eq', value: phone }))}`);
    await row(page, 0).locator('a.title').click();
    await page.waitForSelector('.record-head h1');
    await page.locator('.timeline-filter button', { hasText: '访问' }).click();
    await page.locator('.entry', { hasText: '由表单提交识别' }).first().waitFor();
    const visit = await page.locator('.entry', { hasText: '浏览 3 个页面' }).innerText();
    assert.match(visit, /秒/);
    assert.match(visit, /baidu \/ servo/);
    const person = await page.evaluate(async (where) => (await (await fetch(`/api/v1/leads?where=${where}`)).json()).data[0].person_id,
      encodeURIComponent(JSON.stringify({ field: 'phone', op: 'eq', value: phone })));
    const behaviour = await page.evaluate(async (id) => (await (await fetch(`/api/v1/people/${id}/behaviour`)).json()).data, person);
    const seen = behaviour.map(({ type, data }) => `${type} ${data.path}`).reverse();
    assert.deepEqual(seen.filter((one) => one.startsWith('page.viewed')), ['page.viewed /', 'page.viewed /cases', 'page.viewed /contact']);
    assert.ok(seen.includes('form.started /contact'));
    assert.ok(!JSON.stringify(behaviour).includes('secret'), 'no query string but the campaign');
    assert.ok(!JSON.stringify(behaviour).includes(phone), 'nothing of what was written');
    await open(page, `/people/${person}`);
    await page.locator('.related li', { hasText: '由表单提交识别' }).getByText('撤销').click();
    await page.waitForFunction(() => !document.querySelector('.timeline')?.textContent.includes('浏览 3 个页面'));
    await page.locator('.undo-bar .link').click();
    await page.waitForFunction(() => document.querySelector('.timeline')?.textContent.includes('浏览 3 个页面'));
  },

  async 'a browser that asks not to be followed, or has not agreed, tells nothing'(page) {
    const site = await testSite(base);
    const sent = [];
    const see = (context) => context.on('request', (request) => { if (request.url() === `${base}/t`) sent.push(request.postData()); });
    const declining = await page.context().browser().newContext();
    await declining.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
    see(declining);
    const first = await declining.newPage();
    await first.goto(site.address);
    await first.waitForTimeout(300);
    await first.close({ runBeforeUnload: true });
    await declining.close();
    const asked = await page.context().browser().newContext();
    see(asked);
    const second = await asked.newPage();
    await second.goto(`${site.address}/asks`);
    await second.waitForTimeout(300);
    assert.deepEqual(sent, []);
    assert.equal(await second.evaluate(() => document.cookie + localStorage.length), '0');
    await second.evaluate(() => window.guantong('consent', 'granted'));
    for (let tries = 0; tries < 300 && sent.length === 0; tries += 1) await second.waitForTimeout(100);
    assert.match(sent[0], /"c":"granted".*"page.viewed".*\/asks/);
    await second.evaluate(() => window.guantong('consent', 'denied'));
    assert.equal(await second.evaluate(() => document.cookie + (localStorage.getItem('gt_visitor') ?? '')), '');
    await asked.close();
    site.close();
  },

  async 'who logs in on the site is known, and nobody else can say he is him'(page) {
    const site = await testSite(base);
    const phone = `136${String(Date.now()).slice(-8)}`;
    const call = (path, body) => page.evaluate(async ([to, json]) => (await fetch(`/api/v1${to}`, json && { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' }, body: JSON.stringify(json) })).json(), [path, body]);
    await open(page, '/sources?new=site');
    await page.locator('.source-form input').first().fill('商城登录');
    await page.locator('.source-form').getByText('生成线索').click();
    await page.locator('.ant-drawer-footer .ant-btn-primary').click();
    await page.locator('.form-snippet', { hasText: 'jwt.sign' }).waitFor();
    const [url, secret] = await page.locator('.source-form .settings-secret').allInnerTexts();
    const iss = url.split('/').pop();
    const visitor = await page.context().browser().newContext();
    const tab = await visitor.newPage();
    const sent = [];
    visitor.on('request', (request) => { if (request.url() === `${base}/t`) sent.push(request.postData()); });
    await tab.goto(`${site.address}/cases`);
    await tab.waitForTimeout(300);
    await tab.goto(`${site.address}/mine?token=${signed('not the secret of the site', { iss, sub: 1, phone, name: '冒充者' })}`);
    await tab.waitForTimeout(300);
    await tab.goto(`${site.address}/mine?token=${signed(secret, { iss, sub: 7, phone, name: '沈会员' })}`);
    await tab.waitForTimeout(300);
    await tab.evaluate(() => window.guantong('logout'));
    await tab.goto(`${site.address}/asks`);
    await tab.goto('about:blank');
    const where = encodeURIComponent(JSON.stringify({ field: 'phone', op: 'eq', value: phone }));
    assert.ok(await until(async () => (await call(`/leads?where=${where}`)).data.length === 1), 'a lead');
    const [lead] = (await call(`/leads?where=${where}`)).data;
    assert.equal(lead.name, '沈会员');
    const paths = (await call(`/people/${lead.person_id}/behaviour`)).data.filter(({ type }) => type === 'page.viewed').map(({ data }) => data.path).sort(); // beacons overtake each other
    assert.deepEqual(paths, ['/cases', '/mine', '/mine'], 'what went before is his, what follows his leaving is not; a script that stands twice tells once');
    const sources = (await call('/sources')).data.find(({ path }) => path === `/hook/${iss}`);
    assert.equal(sources.refused, 1);
    await visitor.close();
    site.close();
  },

  async 'tabs are one visit; what is said in one holds in all; back is looked at again'(page) {
    const site = await testSite(base);
    const visitor = await page.context().browser().newContext();
    const sent = [];
    visitor.on('request', (request) => { if (request.url() === `${base}/t`) sent.push(JSON.parse(request.postData())); });
    const first = await visitor.newPage();
    await first.goto(`${site.address}/?utm_source=baidu`);
    const second = await visitor.newPage();
    await second.goto(`${site.address}/cases?utm_source=bing`);
    await second.waitForTimeout(3200);
    await first.evaluate(() => window.guantong('event', 'looked', {}));
    assert.ok(await until(() => sent.flatMap(({ e }) => e).some(({ t }) => t === 'looked')));
    assert.ok(await until(() => sent.length >= 2), 'both tabs tell');
    const sessionOf = (test) => sent.find(({ e }) => e.some(test))?.s;
    assert.equal(sessionOf(({ t }) => t === 'looked'), sessionOf(({ u, t }) => u === '/cases' && t === 'page.viewed'));
    assert.equal(new Set(sent.map(({ v }) => v)).size, 1);
    await first.evaluate(() => window.guantong('consent', 'denied'));
    await first.waitForTimeout(200);
    sent.length = 0;
    await second.evaluate(() => window.guantong('event', 'after', {}));
    await second.goto(`${site.address}/`);
    await second.waitForTimeout(3500);
    assert.deepEqual(sent, [], 'denied in one tab, nothing is told by another');
    await first.evaluate(() => window.guantong('consent', 'granted'));
    assert.ok(await until(() => sent.length > 0));
    sent.length = 0;
    await second.goto(`${site.address}/`);
    await second.goto(`${site.address}/cases`);
    await second.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
    assert.ok(await until(() => sent.flatMap(({ e }) => e).filter(({ t, u }) => t === 'page.viewed' && u === '/cases').length === 2), 'a page that comes back whole');
    await visitor.close();
    site.close();
  },

  async 'the settings give the script and show what arrives'(page) {
    await open(page, '/settings/tracking');
    await page.locator('code', { hasText: '/t.js' }).first().waitFor();
    const visitor = await page.context().browser().newContext();
    const form = await visitor.newPage();
    await form.goto(`${base}/f/lead`);
    await form.waitForSelector('input[name=visitor]', { state: 'attached' });
    assert.match(await form.inputValue('input[name=visitor]'), /^[\w-]{22}$/);
    await form.goto('about:blank');
    await visitor.close();
    await page.locator('.plain-table td', { hasText: '/f/lead' }).first().waitFor();
  },
});
