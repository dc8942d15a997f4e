import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { launch, logIn, pages, sizes, speak } from './pages.mjs';
import { settled, watch } from './settled.mjs';

/**
 * Pictures of every page at three sizes, light and dark, and what axe says about them.
 *   SIZES=desk,phone THEMES=light npm run shots -- http://127.0.0.1:5173 home,leads
 * LANGUAGE_CHOSEN=en for the other language. Log-in by GUANTONG_LOGIN and GUANTONG_PASSWORD (admin, admin).
 */

const [base = 'http://127.0.0.1:5173', only = ''] = process.argv.slice(2);
const folder = 'dist-shots';
async function examine(page, name) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  for (const violation of violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')) {
    console.log(`axe ${name}: ${violation.id} (${violation.impact}) ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
  }
}

mkdirSync(folder, { recursive: true });
const browser = await launch();
const chosen = (variable, all) => process.env[variable]?.split(',') ?? all;
for (const size of chosen('SIZES', Object.keys(sizes))) {
  const [width, height] = sizes[size];
  const context = await browser.newContext({ viewport: { width, height }, locale: process.env.LOCALE ?? 'zh-CN' });
  const page = watch(await context.newPage());
  page.on('pageerror', (error) => console.log(`error ${page.url()}: ${error.message}`));
  page.on('console', (line) => { if (line.type() === 'error') console.log(`console ${page.url()}: ${line.text().slice(0, 300)}`); });
  if (!only || only === 'login') {
    await page.goto(`${base}/login`);
    await page.waitForSelector('#login');
    await page.screenshot({ path: `${folder}/login-${size}.png` });
    await examine(page, `login-${size}`);
  }
  await logIn(page, base);
  await speak(page, process.env.LANGUAGE_CHOSEN ?? 'zh');
  for (const theme of chosen('THEMES', ['light', 'dark'])) {
    await page.evaluate((value) => localStorage.setItem('guantong.preferences', JSON.stringify(value)), { theme });
    for (const shot of pages) {
      if (only && !only.split(',').includes(shot.name)) continue;
      await page.goto(base + shot.path);
      await settled(page);
      await shot.act?.(page).catch((error) => console.log(`act ${shot.name}: ${error.message.split('\n')[0]}`));
      await settled(page);
      await page.screenshot({ path: `${folder}/${shot.name}-${size}-${theme}.png` });
      await examine(page, `${shot.name}-${size}-${theme}`);
    }
  }
  await context.close();
}
await browser.close();
