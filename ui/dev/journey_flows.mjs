import assert from 'node:assert/strict';
import { send } from './send.mjs';

/** Drawing a journey by mouse and keyboard. */
export function journeyFlows({ open }) {
  return {
    async 'what a program drew without settings is opened, and finished by hand'(page) {
      await open(page, '/journeys');
      const nodes = ['entry', 'branch', 'wait', 'action', 'goal'].map((type, index) => ({ id: `n${index}`, type }));
      const { id } = await send(page, 'POST', '/journeys', { name: '程序画的', entity_name: 'lead', draft: { nodes, edges: [{ from: 'n0', to: 'n1' }] } });
      await open(page, `/journeys/${id}`);
      await page.waitForFunction(() => document.querySelectorAll('.react-flow__node').length === 5 && document.querySelectorAll('.react-flow__edge').length === 1);
      const places = await page.locator('.react-flow__node').evaluateAll((all) => all.map((node) => node.style.transform));
      assert.equal(new Set(places).size, 5, 'no node lies on another');
      await page.locator('.react-flow__node[data-id="n0"]').focus();
      await page.keyboard.press('Enter');
      await page.getByRole('combobox', { name: '方式' }).click();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('combobox', { name: '方式' }).waitFor({ state: 'detached' });
      await page.waitForFunction(() => document.querySelector('.journey-head')?.textContent.includes('已自动保存'));
      const { draft } = await send(page, 'GET', `/journeys/${id}`);
      assert.ok(draft.nodes[0].config.kind, 'the kind is kept');
      await send(page, 'DELETE', `/journeys/${id}`);
    },
    async 'a node that sends a mail says which one'(page) {
      await open(page, '/journeys');
      await page.locator('.plain-table a', { hasText: '中分' }).first().click();
      for (const mail of ['同行案例', '产品演示']) await page.locator('.journey-node.action .journey-detail', { hasText: mail }).first().waitFor();
    },
    async 'a journey is drawn, and one undo brings back what Delete took'(page) {
      await open(page, '/journeys?new=');
      await page.locator('.ant-drawer input').first().fill('手绘的路径');
      await page.locator('.ant-drawer button[type=submit]').click();
      await page.waitForSelector('.journey-canvas .react-flow__node');
      const lines = (count) => page.waitForFunction((n) => document.querySelectorAll('.react-flow__edge').length === n, count);
      // By mouse from the palette, then by a click behind what was just put there.
      await page.locator('.journey-palette button', { hasText: '等一段时间' }).dragTo(page.locator('.journey-canvas'), { targetPosition: { x: 260, y: 560 } });
      await page.locator('.journey-side .tag', { hasText: '等待' }).waitFor();
      await page.locator('.journey-palette button', { hasText: '结束' }).click();
      await lines(1);
      // By keys: the entry leads to the wait.
      await page.locator('.react-flow__node[data-id="n1"]').focus();
      await page.keyboard.press('Enter');
      await page.getByRole('combobox', { name: /通往/ }).click();
      await page.keyboard.type('等一段');
      await page.keyboard.press('Enter');
      await lines(2);
      await page.locator('.react-flow__node[data-id="n2"]').focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Delete');
      await page.waitForFunction(() => document.querySelectorAll('.react-flow__node').length === 2);
      await page.keyboard.press('Control+z');
      await lines(2);
      // A line chosen after a node goes alone.
      await page.locator('.react-flow__node[data-id="n2"]').focus();
      await page.keyboard.press('Enter');
      await page.locator('.journey-side .tag', { hasText: '等待' }).waitFor();
      await page.locator('.react-flow__edge').first().focus();
      await page.keyboard.press('Enter');
      await page.locator('.journey-side').waitFor({ state: 'detached' });
      await page.keyboard.press('Delete');
      await lines(1);
      await page.waitForFunction(() => document.querySelectorAll('.react-flow__node').length === 3);
      await page.keyboard.press('Control+z');
      await lines(2);
      // What is wrong is said at the node, by the name of what is missing.
      await page.locator('.react-flow__node[data-id="n2"]').focus();
      await page.keyboard.press('Enter');
      await page.locator('.journey-palette button', { hasText: '新建任务' }).click();
      await page.locator('.journey-side', { hasText: '标题：必填' }).waitFor();
      await page.getByRole('button', { name: '设置', exact: true }).click();
      await page.getByRole('button', { name: '删除路径' }).click();
      await page.waitForURL(/\/journeys$/);
    },
  };
}
