import { join } from 'node:path';
import { launch, logIn, sizes } from './pages.mjs';

/**
 * A seller's jobs around a deal: a call with a file and a colleague named, a comment, what to say, a visit on the phone.
 *   GUANTONG_LOGIN=chensiyuan … [PICTURES=folder] node dev/follow_flows.mjs http://127.0.0.1:8080 [only]
 * Ends with `N passed, M failed`.
 */
const [base = 'http://127.0.0.1:8080', only = ''] = process.argv.slice(2);
const pictures = process.env.PICTURES;
let passed = 0;
let failed = 0;
const errors = [];

async function step(name, act) {
  if (!name.includes(only)) return;
  try {
    await act();
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n     ${String(error).split('\n').slice(0, 3).join(' ')}`);
  }
}

const browser = await launch();
const context = await browser.newContext({ viewport: { width: sizes.desk[0], height: sizes.desk[1] }, permissions: ['geolocation', 'clipboard-read', 'clipboard-write'], geolocation: { latitude: 31.49, longitude: 120.31 } });
const page = await context.newPage();
page.setDefaultTimeout(30_000);
page.on('pageerror', (error) => errors.push(String(error)));
const shot = async (name, theme = 'light') => {
  if (!pictures) return;
  await page.emulateMedia({ colorScheme: theme });
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
};

/** A photo drawn by the browser itself. It never is a file: Chromium opens none with a Chinese name in the locale C. */
const photo = async (name) => {
  const bytes = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 480];
    const pen = canvas.getContext('2d');
    const sky = pen.createLinearGradient(0, 0, 0, 480);
    sky.addColorStop(0, '#8fb3c9'); sky.addColorStop(1, '#c9c2b0');
    pen.fillStyle = sky; pen.fillRect(0, 0, 640, 480);
    pen.fillStyle = '#5a6672'; pen.fillRect(60, 190, 520, 210);
    pen.fillStyle = '#e0a33e'; for (let i = 0; i < 5; i += 1) pen.fillRect(90 + i * 100, 230, 60, 80);
    return canvas.toDataURL('image/png').split(',')[1];
  });
  return { name, mimeType: 'image/png', buffer: Buffer.from(bytes, 'base64') };
};

await logIn(page, base);
const firstOf = (plural, where) => page.evaluate(async ([of, condition]) => {
  const answer = await fetch(`/api/v1/${of}?limit=1&sort=-amount&where=${encodeURIComponent(JSON.stringify(condition))}`);
  return (await answer.json()).data[0].id;
}, [plural, where]);
const deal = await firstOf('opportunities', { field: 'state', op: 'eq', value: 'open' });
const drawing = { name: '产线布置.txt', mimeType: 'text/plain', buffer: Buffer.from('两条线，一期先改一条') };

await step('a call is written with a photo, a file and a colleague named by initials', async () => {
  await page.goto(`${base}/opportunities/${deal}`);
  await page.locator('.composer .tabs button', { hasText: '电话' }).click();
  await page.locator('.composer textarea').click();
  await page.keyboard.type('对方嫌单价高，要修改报价 @zm', { delay: 15 });
  await page.locator('.ant-mentions-dropdown-menu-item', { hasText: '周敏' }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.type('能再让两个点吗？');
  await page.locator('.composer input[type=file]').first().setInputFiles([await photo('车间现场.png'), drawing]);
  await page.locator('.uploads li').nth(1).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.uploads li').length === 2 && !document.querySelector('.uploads')?.textContent.includes('%'));
  await shot('composer');
  await page.locator('.composer-foot .ant-btn-primary').click();
  await page.locator('.entry', { hasText: '要修改报价 @周敏' }).locator('.file-pictures img').waitFor();
  await page.locator('.entry .file-names a', { hasText: '产线布置.txt' }).waitFor();
});

await step('a comment is written below, changed and deleted, with undo', async () => {
  const entry = page.locator('.entry', { hasText: '要修改报价 @周敏' }).first();
  await entry.locator('.comment-open', { hasText: '评论' }).click();
  await page.keyboard.type('先按三年框架谈');
  await page.keyboard.press('Control+Enter');
  await entry.locator('.comment', { hasText: '先按三年框架谈' }).waitFor();
  await shot('timeline');
  await shot('timeline-dark', 'dark');
  await entry.locator('.comment .link', { hasText: '修改' }).click();
  await page.keyboard.press('End');
  await page.keyboard.type('，不行再让');
  await page.keyboard.press('Control+Enter');
  await entry.locator('.comment', { hasText: '不行再让' }).waitFor();
  await entry.locator('.comment .link', { hasText: '删除' }).click();
  await entry.locator('.comment').waitFor({ state: 'detached' });
  await page.locator('.undo-bar button, [class*=undo] button').first().click();
  await entry.locator('.comment', { hasText: '不行再让' }).waitFor();
});

await step('what was said brings a script with its reason, and its use is written down', async () => {
  const first = page.locator('.suggested > li', { hasText: '单价高' }).first();
  await first.waitFor();
  await first.locator('.script-open').click();
  await shot('script-suggestions');
  await first.locator('.ant-btn-primary').click();
  await page.locator('.ant-dropdown-menu-item', { hasText: '消息' }).click();
  await page.locator('.suggested', { hasText: '两周内在这里用过' }).or(page.locator('.entry', { hasText: '发消息' }).first()).first().waitFor();
});

await step('the library filters, searches by pinyin and shows what came of a script', async () => {
  await page.goto(`${base}/scripts`);
  await page.locator('.script-line').nth(5).waitFor();
  await page.locator('.script-search input').fill('zhizaoye');
  await page.waitForFunction(() => document.querySelectorAll('.script-line').length > 0 && [...document.querySelectorAll('.script-line b')].every((b) => b.textContent.includes('制造业')));
  await page.locator('.script-search input').fill('');
  await page.locator('.script-line', { hasText: '“别家比你们便宜”' }).click();
  await page.locator('.shares').waitFor();
  await shot('scripts');
  await shot('scripts-dark', 'dark');
  await page.locator('.page-head .ant-btn-primary').click();
  await page.locator('#title').fill('我的开场白');
  await page.locator('#scene').click();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('textarea#content').fill('{{name}}您好，我是{{me}}');
  await shot('script-editor');
  await page.locator('.script-form button[type=submit]').click();
  await page.locator('.script-article h2', { hasText: '我的开场白' }).waitFor();
});

await step('a visit is written on the phone with place and photo', async () => {
  await page.setViewportSize({ width: sizes.phone[0], height: sizes.phone[1] });
  await page.goto(`${base}/opportunities/${deal}`);
  await page.locator('.phone-field').click();
  await page.locator('.composer .tabs button', { hasText: '拜访' }).click();
  await page.locator('.composer textarea').fill('看了二期场地，电源够用');
  await page.locator('.place-words input, input.place-words').first().fill('无锡新吴区珠江路 88 号');
  await page.locator('.place button', { hasText: '定位' }).click();
  await page.locator('.place button', { hasText: '31.49' }).waitFor();
  await page.locator('.composer input[capture]').setInputFiles([await photo('二期.png')]);
  await page.waitForFunction(() => document.querySelector('.uploads li') && !document.querySelector('.uploads').textContent.includes('%'));
  await shot('phone-visit');
  await shot('phone-visit-dark', 'dark');
  await page.locator('.composer-foot .ant-btn-primary').click();
  await page.locator('.entry', { hasText: '看了二期场地' }).locator('.file-pictures img').waitFor();
  await page.locator('.entry', { hasText: '无锡新吴区' }).locator('a', { hasText: '看地图' }).waitFor();
  await shot('phone-timeline');
  await page.goto(`${base}/scripts`);
  await page.locator('.script-line').first().click();
  await page.locator('.script-article').waitFor();
  await shot('phone-scripts');
  await page.goto(`${base}/`);
  await page.waitForTimeout(1200);
  await shot('phone-today');
});

await step('nothing broke in the page', async () => {
  if (errors.length > 0) throw new Error(errors[0]);
});
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
