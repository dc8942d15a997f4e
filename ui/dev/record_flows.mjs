import assert from 'node:assert/strict';

/** One record: written to, edited, by two at once, moved along its path, converted, deleted. */
export const recordFlows = ({ base, open, openLeads, openFirstLead, row, logInAs }) => ({
  async 'a call is written down with the next step'(page) {
    await openFirstLead(page);
    const said = `要 60 轴，先试 12 轴 ${Date.now()}`;
    await page.locator('.composer .tabs button', { hasText: '电话' }).click();
    await page.locator('.composer textarea').first().fill(said);
    await page.locator('.composer .next-follow-up button').first().click();
    await page.keyboard.press('Control+Enter');
    await page.locator('.composer textarea').first().press('Control+Enter');
    await page.waitForFunction((text) => document.querySelector('.timeline')?.textContent?.includes(text), said);
    await page.waitForFunction(() => document.querySelector('.record-head')?.textContent?.includes('明天 10:00'));
  },

  async 'a record is shared with a colleague, who is told and finds it, and taken back'(page) {
    await open(page, '/people');
    await page.waitForSelector('[role="row"][data-id]');
    const other = await logInAs('chensiyuan');
    const mine = await other.evaluate(async () => (await fetch('/api/v1/session').then((r) => r.json())).user.id);
    const id = await page.evaluate(async (user) => {
      const where = JSON.stringify({ all: [{ not: { field: 'owner_id', op: 'eq', value: user } }, { field: 'owner_id', op: 'not_empty' }] });
      return (await fetch(`/api/v1/opportunities?limit=1&where=${encodeURIComponent(where)}`).then((r) => r.json())).data[0].id;
    }, mine);
    const seen = () => other.evaluate((deal) => fetch(`/api/v1/opportunities/${deal}`).then((r) => r.status), id);
    assert.equal(await seen(), 404);
    await open(page, `/opportunities/${id}`);
    const more = page.locator('.record-head .verbs .icon-button').last();
    await more.click();
    await page.locator('.ant-dropdown [role=menuitem]', { hasText: '共享' }).click();
    await page.waitForSelector('.share-list li');
    await page.locator('.share-with input').fill('陈思远');
    await page.locator('.ant-select-item-option', { hasText: '陈思远' }).first().click();
    await page.locator('.share-form button[type=submit]').click();
    await page.waitForFunction(() => /陈思远[^]*共享/.test([...document.querySelectorAll('.share-list li[data-kind=user]')].map((line) => line.textContent).join('\n')));
    assert.equal(await seen(), 200);
    await open(other, `/opportunities/${id}`);
    await other.locator('.top .icon-button[aria-label*="通知"]').click();
    await other.waitForFunction(() => /共享了这条记录/.test(document.querySelector('.notifications')?.textContent ?? ''));
    await other.context().close();
    await page.locator('.share-list .icon-button').first().click();
    await page.waitForFunction(() => !document.querySelector('.share-list .icon-button'));
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('.share-list'));
    assert.ok(await more.evaluate((button) => document.activeElement === button), 'the focus is where it was');
  },

  async 'a field of the record is edited by Enter and Tab'(page) {
    await openFirstLead(page);
    const pencil = page.locator('.field-line', { hasText: '公司' }).locator('.pencil').first();
    await pencil.focus();
    await page.keyboard.press('Enter');
    const input = page.locator('.inline-editor input').first();
    const before = await input.inputValue();
    await input.fill(`${before}二厂`);
    await page.keyboard.press('Tab');
    await page.waitForFunction((text) => document.querySelector('.field-line .value')?.closest('dl')?.textContent?.includes(text), `${before}二厂`);
    await page.keyboard.press('Escape');
    await page.locator('.undo-bar .link').click();
    await page.waitForSelector('.saying');
  },

  async 'a field another person changed meanwhile shows who, both values and the one before, and the other is asked'(page) {
    const other = await logInAs('zhoumin');
    await openFirstLead(other);
    const id = other.url().match(/leads\/(\d+)/)[1];
    await open(page, `/leads/${id}`);
    await page.waitForSelector('.record-head h1');
    const company = page.locator('.field-line', { hasText: '公司' });
    const edit = async (tab, value) => {
      await tab.locator('.field-line', { hasText: '公司' }).locator('.editable').first().click();
      await tab.locator('.inline-editor input').first().fill(value);
    };
    const before = await company.locator('.value').innerText();
    await edit(page, '我的值');
    await edit(other, '周敏的值');
    await other.locator('.inline-editor input').first().press('Enter');
    await other.waitForSelector('.undo-bar');
    await page.locator('.inline-editor input').first().press('Enter');
    await page.waitForSelector('.conflict');
    const words = await page.locator('.conflict').innerText();
    assert.match(words, /周敏在你编辑时改了「公司」/);
    assert.ok(words.includes('我的值') && words.includes('周敏的值') && words.includes(before), words);
    await page.locator('.conflict .ant-btn', { hasText: '问周敏' }).click();
    await page.waitForFunction(() => !document.querySelector('.conflict'));
    await page.waitForFunction(() => document.querySelector('.field-line .value')?.closest('dl')?.textContent?.includes('周敏的值'));
    await other.locator('.top .icon-button[aria-label*="通知"]').click();
    await other.waitForFunction(() => /问你：.*公司我要填「我的值」/.test(document.querySelector('.notifications')?.textContent ?? ''));
    await other.context().close();
    await edit(page, '我的值');
    await page.evaluate(async (lead) => {
      const headers = { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' };
      const { version } = await (await fetch(`/api/v1/leads/${lead}`)).json();
      await fetch(`/api/v1/leads/${lead}`, { method: 'PATCH', headers: { ...headers, 'If-Match': `"${version}"` }, body: JSON.stringify({ company_name: '又一个值' }) });
    }, id);
    await page.locator('.inline-editor input').first().press('Enter');
    await page.waitForSelector('.conflict');
    await page.locator('.conflict .ant-btn-primary').click();
    await page.waitForFunction(() => !document.querySelector('.conflict'));
    await page.waitForFunction(() => document.querySelector('.record-page')?.textContent?.includes('我的值'));
    await edit(page, before);
    await page.locator('.inline-editor input').first().press('Enter');
    await page.waitForFunction((value) => document.querySelector('.field-line .value')?.closest('dl')?.textContent?.includes(value), before);
  },

  async 'a lead is converted with its duplicates offered, and the conversion taken back'(page) {
    await openFirstLead(page);
    const lead = page.url();
    await page.locator('.record-head .ant-btn-primary').click();
    await page.locator('.ant-drawer input[type=radio]').first().waitFor();
    assert.ok((await page.locator('.ant-drawer .choices .ant-radio-wrapper').count()) >= 2);
    await page.locator('.ant-drawer-footer .ant-btn-primary').click();
    await page.waitForURL(/\/(opportunities|accounts)\/\d+/);
    await page.locator('.undo-bar .link').click();
    await page.waitForURL(lead.replace(/\?.*/, ''));
    await page.waitForFunction(() => !document.querySelector('.record-head .pill.ok'));
  },

  async 'a deal moves along its path and is asked for what the stage wants'(page) {
    await open(page, `/opportunities?where=${encodeURIComponent(JSON.stringify({ field: 'state', op: 'eq', value: 'open' }))}`);
    await page.waitForSelector('[role="row"][data-id]');
    await row(page, 0).locator('a.title').click();
    await page.waitForSelector('.path li.now');
    const last = page.locator('.path li').last().locator('button');
    await last.click();
    await page.waitForSelector('.ant-modal');
    await page.locator('.ant-modal .ant-btn-primary').click();
    await page.waitForSelector('.ant-modal .ant-form-item-explain-error');
    await page.keyboard.press('Escape');
  },

  async 'two people on one record see each other, and who is changing it'(page) {
    await open(page, '/leads?view=mine');
    const other = await logInAs('chensiyuan');
    await openLeads(other, '?view=mine');
    await row(other, 0).locator('a.title').click();
    await other.waitForSelector('.record-head h1');
    await open(page, new URL(other.url()).pathname);
    await page.waitForFunction(() => document.querySelector('.presence')?.textContent.includes('陈思远正在查看'));
    await other.waitForSelector('.presence');
    await other.locator('.field-line', { hasText: '公司' }).locator('.editable').first().click();
    await page.waitForFunction(() => document.querySelector('.presence')?.textContent.includes('陈思远正在编辑'));
    await other.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('.presence')?.textContent.includes('陈思远正在查看'));
    await other.goto(`${base}/leads`);
    await page.waitForFunction(() => !document.querySelector('.presence'));
    await other.context().close();
  },

  async 'a record is created, errors stand under their fields'(page) {
    await openLeads(page);
    await page.keyboard.press('n');
    await page.waitForSelector('.ant-drawer');
    await page.locator('.ant-drawer-footer .ant-btn-primary').click();
    await page.waitForSelector('.ant-drawer .ant-form-item-explain-error');
    await page.fill('#name', '测试线索');
    const all = page.locator('.ant-drawer .ant-drawer-body > .link');
    if (await all.count()) await all.click();
    await page.fill('#phone', '1380013800');
    await page.locator('.ant-drawer-footer .ant-btn-primary').click();
    await page.waitForFunction(() => document.querySelector('#phone_help, #phone')?.closest('.ant-form-item')?.textContent?.match(/手机号|11|位/));
    await page.fill('#phone', `139${String(Date.now()).slice(-8)}`);
    await page.locator('.ant-drawer-footer .ant-btn-primary').click();
    await page.waitForSelector('.record-head h1');
    assert.equal(await page.locator('.record-head h1').innerText(), '测试线索');
  },

  async 'what is deleted is brought back by undo'(page) {
    await openLeads(page);
    const name = await row(page, 0).locator('a.title').innerText();
    await row(page, 0).locator('a.title').click();
    await page.waitForSelector('.record-head h1');
    await page.locator('.record-head .verbs .icon-button').click();
    await page.locator('.ant-dropdown-menu-item-danger').click();
    await page.waitForURL(/\/leads$/);
    await page.locator('.undo-bar .link').click();
    await page.waitForURL(/\/leads\/\d+/);
    assert.equal(await page.locator('.record-head h1').innerText(), name);
  },
});
