import assert from 'node:assert/strict';

const note = '客户要周五前的报价';

/** What the frame keeps for a person: where he is, and what he has not sent yet. */
export const frameFlows = ({ base, password, logInAs }) => ({
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
});
