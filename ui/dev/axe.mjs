import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch, logIn, pages, sizes, speak } from './pages.mjs';
import { settled, watch } from './settled.mjs';

/**
 * What axe finds serious or critical on every page at three sizes and in both themes, and whether it scrolls sideways or past its frame.
 *   npm run axe -- http://127.0.0.1:5173 [home,leads]
 * A page is loaded once and then resized and recoloured. In dark only the contrast is asked: the document is the
 * same. The pages whose words are longest are asked again in English, where a word more may not fit. First it is shown that what is wrong is found. Ends with `N passed, M failed`.
 */

const [base = 'http://127.0.0.1:5173', only = ''] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const heavy = new Set(['serious', 'critical']);

const wrong = `<!doctype html><html lang="en"><head><title>wrong</title></head><body><main><h1>Wrong</h1>
  <p style="color:#999;background:#fff">Too pale to read</p><img src="data:,"><button></button><div style="width:5000px">wide</div><div id="root" style="height:5000px">long</div></main></body></html>`;

/** Serious findings in a page as it is now, as "rule: the first place". A frame that runs no scripts (the preview of a mail) never answers axe, so frames are not entered. */
async function findings(page, rules) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ content: axe });
  const violations = await page.evaluate((runOnly) => window.axe.run(document, { resultTypes: ['violations'], iframes: false, ...(runOnly ? { runOnly } : {}) })
    .then((result) => result.violations.map(({ id, impact, nodes }) => ({ id, impact, html: nodes[0].html.slice(0, 160) }))), rules);
  return violations.filter(({ impact }) => heavy.has(impact)).map(({ id, html }) => `${id}: ${html}`);
}

/** What still stands out to the right when a second has passed since the size changed, and whether one can scroll past the end of the frame, which scrolls inside. */
const beyond = (page) => page.evaluate(async () => {
  const wide = () => document.documentElement.scrollWidth > window.innerWidth + 1;
  const long = () => document.querySelector('#root') !== null && document.documentElement.scrollHeight > window.innerHeight + 1;
  for (let tries = 0; tries < 10 && (wide() || long()); tries += 1) await new Promise((done) => { setTimeout(done, 100); });
  const out = [...document.body.querySelectorAll('*')].find((one) => one.getBoundingClientRect().right > window.innerWidth + 1);
  return [...(wide() ? [`scrolls sideways: ${(out?.outerHTML ?? 'the page').slice(0, 160)}`] : []), ...(long() ? ['scrolls past its frame'] : [])];
});

/** Everything at each size in light; the colours again in dark where the layout differs most. */
const views = [['desk', 'light'], ['desk', 'dark'], ['tablet', 'light'], ['phone', 'light'], ['phone', 'dark']];

async function examine(page, asked = views) {
  const found = [];
  for (const [size, theme] of asked) {
    const [width, height] = sizes[size];
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await settled(page);
    const all = await findings(page, theme === 'dark' ? ['color-contrast'] : undefined);
    found.push(...all.map((line) => `${size} ${theme} ${line}`));
    if (theme === 'light') found.push(...(await beyond(page)).map((line) => `${size} ${line}`));
  }
  return found;
}

let passed = 0;
let failed = 0;
function report(name, found) {
  console.log(`${found.length ? 'FAIL' : 'ok  '} ${name}`);
  found.forEach((line) => console.log(`     ${line}`));
  if (found.length) failed += 1;
  else passed += 1;
}

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', colorScheme: 'light', bypassCSP: true });
const page = watch(await context.newPage());
page.setDefaultTimeout(20_000);
await page.setContent(wrong);
const known = (await examine(page)).join('\n');
report('axe finds what is wrong in a page made wrong', ['desk light color-contrast', 'desk dark color-contrast', 'phone light image-alt', 'tablet light button-name', 'phone scrolls sideways', 'desk scrolls past its frame'].filter((line) => !known.includes(line)).map((line) => `not found: ${line}`));
await page.goto(`${base}/login`);
await page.waitForSelector('#login');
report('axe login', await examine(page));
await page.setViewportSize({ width: 1440, height: 900 });
await logIn(page, base);

const waiting = pages.filter(({ name }) => !only || only.split(',').includes(name));
async function visit(tab, { path, act }, asked) {
  await tab.setViewportSize({ width: 1440, height: 900 });
  await tab.goto(base + path);
  await settled(tab);
  await act?.(tab);
  await settled(tab);
  const broken = await tab.locator('.content .notice.bad').allInnerTexts();
  return [...broken.map((text) => `the page says: ${text.slice(0, 160)}`), ...await examine(tab, asked)];
}

async function work(tab, queue, words, asked) {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const look = () => visit(tab, next, asked);
    const broken = (error) => error.message.split('\n')[0];
    // A second try tells a busy machine from a broken page; it is said.
    const found = await look().catch((error) => {
      console.log(`again axe ${next.name}${words}: ${broken(error)}`);
      return look();
    }).catch((error) => [broken(error)]);
    report(`axe ${next.name}${words}`, found);
  }
}
const second = watch(await context.newPage());
second.setDefaultTimeout(20_000);
const longWorded = ['home', 'leads-bulk', 'record', 'deal', 'board', 'funnel', 'condition', 'settings', 'rule-new'];
const again = waiting.filter(({ name }) => longWorded.includes(name));
await Promise.all([work(page, waiting, ''), work(second, waiting, '')]);
await speak(page, 'en');
const english = [['desk', 'dark'], ['tablet', 'light'], ['phone', 'light']];
await Promise.all([work(page, again, ' in English', english), work(second, again, ' in English', english)]);
await speak(page, 'zh');
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
