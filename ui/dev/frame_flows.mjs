import assert from 'node:assert/strict';
import { settled, watch } from './settled.mjs';

const note = '客户要周五前的报价';

/** Logging in, the palette, the window, and what the frame keeps for a person: where he is, and what he has not sent yet. */
export const frameFlows = ({ base, login, password, open, openLeads, row, logInAs }) => ({
  async 'a wrong password is refused under the field and the login stays'(page) {
    const fresh = await page.context().browser().newContext();
    const other = await fresh.newPage();
    await other.goto(`${base}/leads?sort=name`);
    await other.waitForSelector('#login');
    assert.match(other.url(), /\/login\?back=/);
    await other.fill('#login', login);
    await other.fill('#password', 'not the password');
    await other.click('button[type=submit]');
    await other.waitForSelector('.ant-form-item-explain-error, .ant-form-item-explain');
    assert.equal(await other.inputValue('#login'), login);
    await other.fill('#password', password);
    await other.click('button[type=submit]');
    await other.waitForSelector('[role="row"][data-id]');
    assert.match(other.url(), /\/leads\?sort=name/, 'back to where one wanted to go');
    await fresh.close();
  },

  async 'the palette finds a record and opens it'(page) {
    await openLeads(page);
    const name = await row(page, 0).locator('a.title').innerText();
    // A company just made has its records before its index.
    await page.waitForFunction(async (words) => (await (await fetch(`/api/v1/search?q=${encodeURIComponent(words)}`)).json()).data.length > 0, name, { polling: 500, timeout: 180_000 });
    await page.keyboard.press('Control+k');
    await page.waitForSelector('.palette-dialog input');
    await page.keyboard.type(name);
    await page.waitForFunction((wanted) => document.querySelector('.palette [role=option].on')?.textContent?.includes(wanted), name);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/[a-z_]+\/\d+/);
    await page.waitForSelector('.record-head h1');
    assert.equal(await page.locator('.palette-dialog').count(), 0);
  },

  async 'what is typed right after the key goes to the palette, the first time too'(page) {
    await openLeads(page);
    await page.waitForTimeout(1500);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('chensi');
    await page.waitForFunction(() => document.querySelector('.palette-dialog input')?.value === 'chensi');
    await page.keyboard.press('Escape');
  },

  async 'the palette finds by pinyin, by part of a phone number, and runs a command by either'(page) {
    await open(page, '/');
    const phone = `139${String(Date.now()).slice(-8)}`;
    const texts = [phone.slice(4), 'ouyangqinghe', 'oyqh'];
    const status = await page.evaluate(async (number) => {
      const headers = { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' };
      return (await fetch('/api/v1/leads', { method: 'POST', headers, body: JSON.stringify({ name: '欧阳青禾', phone: number }) })).status;
    }, phone);
    assert.equal(status, 201);
    // The number first: somebody of this name an earlier run may have left.
    for (const text of texts) {
      await page.waitForFunction(async (words) => (await (await fetch(`/api/v1/search?q=${words}`)).json()).data.length > 0, text, { polling: 300, timeout: 180_000 });
    }
    const asked = async (text) => {
      await page.keyboard.press('Control+k');
      await page.waitForSelector('.palette-dialog input');
      await page.keyboard.type(text);
    };
    const first = (words) => page.waitForFunction((wanted) => document.querySelector('.palette [role=option].on')?.textContent?.includes(wanted), words);
    for (const text of texts) {
      await asked(text);
      await first('欧阳青禾');
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => !document.querySelector('.palette-dialog'));
    }
    await asked('xjrw');
    await first('新建任务');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('.ant-drawer-title')?.textContent === '新建任务');
    await page.locator('.ant-drawer-footer .ant-btn').last().click();
    await page.waitForFunction(() => !document.querySelector('.ant-drawer-open'));
    await asked('漏斗');
    await first('漏斗');
    await page.keyboard.press('Enter');
    await page.waitForURL(/reports\/funnel/);
  },

  async 'a session that ends takes nothing away: the password again, and the note is still there'() {
    const rep = await logInAs('chensiyuan');
    await rep.goto(`${base}/leads`);
    await rep.locator('[role="row"][data-id] a.title').first().click();
    await rep.locator('.composer textarea').first().fill(note);
    await rep.context().clearCookies();
    await rep.locator('.composer .ant-btn-primary').click();
    const again = rep.locator('.ant-modal-wrap:visible');
    await again.locator('input[type=password]').fill(password);
    await again.locator('button[type=submit]').click();
    await again.waitFor({ state: 'detached' });
    assert.equal(await rep.locator('.composer textarea').first().inputValue(), note);
    await rep.locator('.composer .ant-btn-primary').click();
    await rep.locator('.timeline .entry', { hasText: note }).first().waitFor();
    await rep.context().close();
  },

  async 'a note begun waits through another page and a reload'() {
    const rep = await logInAs('chensiyuan');
    await rep.goto(`${base}/leads`);
    await rep.locator('[role="row"][data-id] a.title').nth(1).click();
    const area = rep.locator('.composer textarea').first();
    await area.fill(note);
    await rep.locator('.nav a', { hasText: '今日' }).click();
    await rep.waitForURL(`${base}/`);
    await rep.goBack();
    await area.waitFor();
    assert.equal(await area.inputValue(), note);
    await rep.reload();
    await area.waitFor();
    assert.equal(await area.inputValue(), note);
    await area.press('Control+Enter');
    await rep.locator('.timeline .entry', { hasText: note }).first().waitFor();
    await rep.reload();
    await area.waitFor();
    assert.equal(await area.inputValue(), '');
    await rep.context().close();
  },

  async 'a form half filled in asks before it is thrown away, by Esc as by a link'(page) {
    await page.goto(`${base}/inbox`);
    await page.locator('.nav a', { hasText: '销售' }).click();
    await page.waitForURL(/\/leads/);
    await page.locator('.page-head .ant-btn-primary').click();
    const name = page.locator('.ant-drawer-body input').first();
    await name.fill('没填完的人');
    await name.press('Escape');
    const question = page.locator('.ant-modal-wrap:visible');
    await question.getByText('继续填写').click();
    await question.waitFor({ state: 'hidden' });
    assert.equal(await name.inputValue(), '没填完的人');
    await page.goBack();
    await question.getByText('不保存，离开').click();
    await page.waitForURL((url) => url.pathname !== '/leads');
    assert.equal(await page.locator('.ant-drawer-body').count(), 0);
  },

  async 'a page that cannot be fetched says so and comes when the server is back'() {
    const rep = await logInAs('chensiyuan');
    await rep.goto(`${base}/leads`);
    await rep.locator('[role="row"][data-id]').first().waitFor();
    const gone = (route) => route.abort();
    await rep.route('**/assets/**', gone);
    await rep.route('**/healthz', gone);
    await rep.locator('.nav a', { hasText: '话术库' }).click();
    const notice = rep.locator('.content .notice.bad');
    await notice.waitFor();
    await rep.unroute('**/assets/**', gone);
    await rep.unroute('**/healthz', gone);
    await notice.locator('button').click();
    await rep.locator('h1', { hasText: '话术库' }).waitFor();
    await rep.context().close();
  },

  async 'the window is called as the page in it, and the way back stands in the history'(page) {
    const called = (words) => page.waitForFunction((wanted) => document.title === wanted, words);
    await page.goto(`${base}/leads`);
    await called('线索 · 贯通');
    const link = page.locator('[role="row"][data-id] a.title').first();
    const name = await link.innerText();
    await link.click();
    await page.waitForFunction((wanted) => document.title.startsWith(wanted), name);
    await page.goBack();
    await called('线索 · 贯通');
    await page.goto(`${base}/no_such_page`);
    await called('没有这一页 · 贯通');
  },

  async 'language and theme change at once'(page) {
    await open(page, '/leads');
    await page.locator('.top .icon-button').last().click();
    await page.locator('.ant-dropdown-menu-item', { hasText: 'English' }).click();
    await page.waitForFunction(() => document.documentElement.lang === 'en' && document.body.textContent.includes('New'));
    await page.locator('.top .icon-button').last().click();
    await page.locator('.ant-dropdown-menu-item', { hasText: 'Dark' }).click();
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await page.locator('.top .icon-button').last().click();
    await page.locator('.ant-dropdown-menu-item', { hasText: '中文' }).click();
    await page.waitForFunction(() => document.documentElement.lang === 'zh-CN');
  },

  async 'on a phone what the bell opens is whole, and nothing lies on it'() {
    const rep = await logInAs('chensiyuan');
    await rep.setViewportSize({ width: 390, height: 844 });
    await rep.locator('.top button[aria-expanded]', { has: rep.locator('.dot') }).click();
    await rep.locator('.inbox-pop').waitFor();
    await settled(rep);
    const { x, width } = await rep.locator('.inbox-pop').boundingBox();
    assert.ok(x >= 0 && x + width <= 390, `from ${x} to ${x + width}`);
    assert.equal(await rep.locator('.ant-tooltip:visible').count(), 0, 'the tooltip of the bell has gone');
    await rep.context().close();
  },

  async 'six tabs share one stream'(page) {
    const context = page.context();
    const stream = (request) => request.url().endsWith('/api/v1/stream');
    const opened = page.waitForRequest(stream);
    await open(page, '/inbox');
    await opened;
    const streams = [];
    context.on('request', (request) => { if (stream(request)) streams.push(request.url()); });
    const tabs = [];
    for (let index = 0; index < 5; index += 1) {
      const tab = watch(await context.newPage());
      await open(tab, '/inbox');
      tabs.push(tab);
    }
    assert.equal(streams.length, 0, 'the first tab already holds the stream');
    for (const tab of tabs) await tab.close();
  },
});
