import assert from 'node:assert/strict';
import { settled } from './settled.mjs';

/** Two accounts that nobody would find alike; their names are new each time. */
const twoAccounts = (page) => page.evaluate(async () => {
  const digits = String(Date.now()).slice(-6);
  const made = [];
  for (const [index, more] of [{ phone: '0532-80001111', address: '人民路1号' }, { phone: '0532-80002222', website: 'https://www.bolun.cn' }].entries()) {
    const body = JSON.stringify({ name: `合并${index ? '乙' : '甲'}厂${digits}`, ...more });
    const answer = await fetch('/api/v1/accounts', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' }, body });
    made.push(await answer.json());
  }
  return made.map(({ id, name }) => ({ id, name }));
});

const account = (page, id) => page.evaluate(async (one) => {
  const answer = await fetch(`/api/v1/accounts/${one}`);
  const body = await answer.json();
  return answer.ok ? body : null;
}, id);

const undo = async (page) => {
  await page.locator('.undo-bar .link').click();
  await page.locator('.undo-bar').waitFor({ state: 'detached' });
  await settled(page);
};

/** Who stays, and whose number. */
async function choose(dialog) {
  await dialog.locator('.pair-head input').first().check();
  await dialog.locator('.pair-row', { hasText: '电话' }).locator('input').nth(1).check();
}

/** Records of one's choice made one, and two again. */
export const mergeFlows = ({ open, row, logInAs, base }) => ({
  async 'two accounts chosen in the list are made one with chosen values, and two again'(page) {
    await open(page, '/');
    const [one, other] = await twoAccounts(page);
    const where = encodeURIComponent(JSON.stringify({ field: 'name', op: 'contains', value: one.name.slice(-6) }));
    await open(page, `/accounts?where=${where}&sort=name`);
    for (const index of [0, 1]) await row(page, index).locator('input[type=checkbox]').check({ force: true });
    await page.locator('.bulk-bar .quiet-button', { hasText: '合并' }).click();
    const dialog = page.locator('.merge-dialog');
    await dialog.locator('.pair-head').nth(1).waitFor();
    const first = await dialog.locator('.pair-head').first().innerText();
    const [stays, goes] = first.includes(one.name) ? [one, other] : [other, one];
    await choose(dialog);
    await dialog.locator('.ant-btn-primary').click();
    await dialog.waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.querySelectorAll('[role="row"][data-id]').length === 1);
    const kept = await account(page, stays.id);
    assert.deepEqual([kept.phone, kept.address, kept.website], [goes === other ? '0532-80002222' : '0532-80001111', '人民路1号', 'https://www.bolun.cn']);
    assert.equal(await account(page, goes.id), null);
    await undo(page);
    await page.waitForFunction(() => document.querySelectorAll('[role="row"][data-id]').length === 2);
    assert.equal((await account(page, one.id)).phone, '0532-80001111');
  },

  async 'a record is merged with another that is searched for, on a phone, and taken back'(page) {
    await open(page, '/');
    const [one, other] = await twoAccounts(page);
    const phone = await logInAs('admin', { width: 390, height: 844 });
    await phone.goto(`${base}/accounts/${one.id}`);
    await phone.locator('.record-head .verbs .icon-button').click();
    await phone.locator('.ant-dropdown-menu-item', { hasText: '与另一条合并' }).click();
    await phone.locator('.merge-dialog input').fill(other.name);
    await phone.locator('.merge-hits button').first().click();
    const dialog = phone.locator('.merge-dialog');
    await dialog.locator('.pair-head', { hasText: other.name }).locator('input').check();
    const wide = await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, 'nothing sticks out at phone width');
    await dialog.locator('.ant-btn-primary').click();
    await phone.waitForURL(new RegExp(`/accounts/${other.id}`));
    assert.equal((await account(phone, other.id)).address, '人民路1号');
    await undo(phone);
    assert.equal((await account(phone, other.id)).address, null);
    assert.equal((await account(phone, one.id)).name, one.name);
    await phone.context().close();
  },
});
