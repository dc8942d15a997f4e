import assert from 'node:assert/strict';
import { settled, watch } from './settled.mjs';

/** What has the focus: what it is called, and whether one sees that it has it. */
const focused = (page) => page.evaluate(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return { name: '', role: '', seen: true };
  const [style, box] = [getComputedStyle(one), one.getBoundingClientRect()];
  const ringed = (element) => { const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(element); return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none' || (element.matches('.ant-select-focused, .ant-input-number-focused, .ant-picker-focused') && borderColor !== ''); };
  // Some draw it on what stands around them.
  const around = [one, one.parentElement, one.closest('.ant-select, .ant-picker, .ant-input-number, .ant-radio-wrapper, .ant-checkbox-wrapper, .ant-mentions, .ant-input-affix-wrapper, .composer, .palette-dialog')].filter(Boolean);
  const within = [...one.parentElement.querySelectorAll('.ant-radio-inner, .ant-checkbox-inner')];
  const label = one.getAttribute('aria-label') || (one.getAttribute('aria-labelledby') && document.getElementById(one.getAttribute('aria-labelledby').split(' ')[0])?.textContent) || [...(one.labels ?? [])].map((each) => each.textContent).join(' ');
  return { name: (label || one.textContent || one.getAttribute('title') || '').trim(), role: one.getAttribute('role') || one.tagName.toLowerCase(), seen: style.opacity === '0' || box.width < 2 || [...around, ...within].some(ringed) };
});

/** On by Tab until what is wanted has the focus; each place on the way has a name and shows that it has it. */
async function tabTo(page, wanted, { back = false, steps = 60 } = {}) {
  const way = [];
  for (let step = 0; step < steps; step += 1) {
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    const at = await focused(page);
    way.push(at.name.slice(0, 30) || at.role);
    assert.ok(at.role === 'body' || at.role === '' || at.name, `a place without a name after ${way.join(' > ')}`);
    assert.ok(at.seen, `the focus is not seen on ${way.join(' > ')}`);
    if (wanted.test(at.name)) return;
  }
  assert.fail(`${wanted} is not reached: ${way.join(' > ')}`);
}

const heading = (page, words) => page.waitForFunction((wanted) => document.querySelector('.record-head h1')?.textContent?.includes(wanted), words);
const stage = (page, name) => page.waitForFunction((wanted) => document.querySelector('.path li.now')?.textContent?.includes(wanted), name);

async function logInByKeys(page, base, who, password) {
  await page.goto(`${base}/login`);
  await page.waitForFunction(() => document.activeElement?.id === 'login');
  await page.keyboard.type(who);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.frame');
  await settled(page);
}

/** A deal one stage on; what the stage asks for is there already. */
async function moveOn(page, name) {
  await page.evaluate(() => document.activeElement?.blur());
  await tabTo(page, new RegExp(name), { steps: 90 });
  await page.keyboard.press('Enter');
  await page.waitForFunction((wanted) => document.querySelector('.path li.now')?.textContent?.includes(wanted) || document.querySelector('.ant-modal-wrap:not([style*="display: none"])'), name);
  if (await page.locator('.ant-modal-wrap:visible').count()) await page.keyboard.press('Control+Enter');
  await stage(page, name);
  await settled(page);
}

/** What has the focus is this, or within it. */
const focusIn = (page, selector) => page.waitForFunction((wanted) => document.activeElement?.closest(wanted), selector);

/** A card of the board is lifted by its handle and let go over the column of that number. */
async function carry(page, href, index) {
  await page.locator(`.board-card:has(a[href="${href}"]) .board-grip`).focus();
  await page.keyboard.press('Space');
  await page.locator('.board-card.floating').waitFor();
  for (let step = 0; step < 12; step += 1) {
    if (await page.evaluate((at) => document.querySelectorAll('.board-column')[at]?.classList.contains('target'), index)) break;
    await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(120);
  }
  assert.ok(await page.evaluate((at) => document.querySelectorAll('.board-column')[at].classList.contains('target'), index), `column ${index} is reached`);
}

const columnOf = (page, href) => page.evaluate((path) => [...document.querySelectorAll('.board-column')].findIndex((one) => one.querySelector(`a[href="${path}"]`)), href);
const standsIn = (page, href, index) => page.waitForFunction(([path, at]) => document.querySelectorAll('.board-column')[at]?.querySelector(`a[href="${path}"]`), [href, index]);

/** The whole job without a mouse. */
export const keyFlows = ({ base, login, password, open, openFirstLead }) => ({
  async 'Esc leaves the composer with what is half written, and the keys of the page work again'(page) {
    await openFirstLead(page);
    await page.keyboard.press('c');
    await focusIn(page, '.composer textarea');
    await page.keyboard.type('谈到一半 @陈');
    await page.locator('.ant-mentions-dropdown li').first().waitFor();
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('.ant-mentions-measure'));
    assert.ok(await page.evaluate(() => document.activeElement.matches('.composer textarea')), 'the first Esc closes the names alone');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement === document.body);
    await page.keyboard.press('m');
    await focusIn(page, '.composer textarea');
    assert.match(await page.locator('.composer textarea').first().inputValue(), /谈到一半/);
    await page.keyboard.press('Escape');
    await page.reload();
    await settled(page);
    assert.match(await page.locator('.composer textarea').first().inputValue(), /谈到一半/);
    await page.locator('.composer textarea').first().fill('');
  },

  async 'a card is carried over the board by keys, put back by Esc, asked where it is lost, and keeps the focus'(page) {
    await open(page, '/opportunities?form=board');
    await page.waitForSelector('.board-card');
    const href = await page.locator('.board-column').first().locator('.board-card a').first().getAttribute('href');
    const onIt = () => page.waitForFunction((path) => document.activeElement?.matches('.board-grip') && document.activeElement.closest('.board-card').querySelector(`a[href="${path}"]`), href);
    await carry(page, href, 1);
    await page.keyboard.press('Escape');
    await onIt();
    assert.equal(await columnOf(page, href), 0);
    const lost = await page.evaluate(() => [...document.querySelectorAll('.board-column')].findIndex((one) => one.classList.contains('lost')));
    await carry(page, href, lost);
    await page.keyboard.press('Space');
    await focusIn(page, '.ant-modal');
    await page.keyboard.press('Escape');
    await onIt();
    assert.equal(await columnOf(page, href), 0, 'without a reason it stays');
    await carry(page, href, lost);
    await page.keyboard.press('Space');
    await focusIn(page, '.ant-modal .ant-select');
    await page.keyboard.press('ArrowDown');
    await page.locator('.ant-select-dropdown:visible .ant-select-item-option').first().waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+Enter');
    await standsIn(page, href, lost);
    await onIt();
    await page.keyboard.press('z');
    await standsIn(page, href, 0);
  },

  async 'a lead is found, called, converted and won by keyboard alone, the focus always seen'(page) {
    const mark = String(Date.now()).slice(-8);
    const [name, company] = [`柯键${mark.slice(-4)}`, `南通柯键机床${mark}有限公司`];
    await page.goto(base);
    const lead = await page.evaluate(async (sent) => (await fetch('/api/v1/leads', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' }, body: JSON.stringify(sent) })).json(), { name, company_name: company, phone: `133${mark}`, product_interest: '控制柜' });
    const fresh = await page.context().browser().newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', reducedMotion: 'reduce' });
    const tab = watch(await fresh.newPage());
    tab.setDefaultTimeout(30_000);
    try {
      await logInByKeys(tab, base, login, password);
      await tab.waitForFunction(async (words) => (await (await fetch(`/api/v1/search?q=${encodeURIComponent(words)}`)).json()).data.length > 1, name, { polling: 300 }); // the lead and the person
      await tab.keyboard.press('Control+k');
      await tab.waitForFunction(() => document.activeElement?.closest('.palette-dialog'));
      await tab.keyboard.type(name);
      const found = tab.locator('.palette [role=option]', { hasText: name });
      await found.nth(1).waitFor();
      await settled(tab);
      const lit = tab.locator('.palette [role=option].on', { hasText: name }).filter({ hasText: '线索' });
      for (let step = 0; step < 40 && !(await lit.count()); step += 1) await tab.keyboard.press('ArrowDown');
      assert.equal(await lit.count(), 1, 'the lead is reached in the palette');
      await tab.keyboard.press('Enter');
      await heading(tab, name);
      await settled(tab);

      await tab.keyboard.press('c');
      await tab.waitForFunction(() => document.activeElement?.matches('.composer textarea'));
      await tab.keyboard.type('谈了两条线，周五前给报价');
      await tabTo(tab, /^明天/);
      await tab.keyboard.press('Enter');
      await tab.keyboard.press('Control+Enter');
      await tab.locator('.timeline .entry', { hasText: '谈了两条线' }).first().waitFor();
      await tab.waitForFunction(() => document.querySelector('.record-head')?.textContent?.includes('明天 10:00'));
      await settled(tab);

      await tabTo(tab, /^转为商机$/, { back: true });
      await tab.keyboard.press('Enter');
      await tab.locator('.ant-drawer .choices').first().waitFor();
      await settled(tab);
      await tab.keyboard.press('Escape');
      await tab.locator('.ant-drawer').waitFor({ state: 'detached' });
      await tab.waitForFunction(() => document.activeElement?.textContent === '转为商机'); // Esc closes it and the focus is where it was
      await tab.keyboard.press('Enter');
      await tab.locator('.ant-drawer .choices').first().waitFor();
      await settled(tab);
      await tabTo(tab, /^金额/);
      await tab.keyboard.type('186000');
      await tabTo(tab, /^转/);
      await tab.keyboard.press('Enter');
      await tab.waitForURL(/\/opportunities\/\d+/);
      await heading(tab, company);
      await settled(tab);

      for (const next of ['需求确认', '方案报价', '商务谈判', '赢单']) await moveOn(tab, next);
      const deal = await tab.evaluate(async (id) => (await fetch(`/api/v1/opportunities/${id}`)).json(), tab.url().match(/opportunities\/(\d+)/)[1]);
      assert.deepEqual([deal.state, deal.lead_id], ['won', lead.id]);
    } catch (error) {
      await tab.screenshot({ path: `dist-shots/key-${Date.now()}.png` });
      throw error;
    } finally {
      await fresh.close();
    }
  },
});
