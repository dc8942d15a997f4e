/** Drawing a journey by mouse and keyboard. */
export function journeyFlows({ open }) {
  return {
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
