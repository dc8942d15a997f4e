/**
 * When a page stands still: what it asked the server for has come, nothing is shown in the place of what is still
 * read, and nothing moves. A picture or a check made before that depends on how fast the machine was.
 */

const asked = new WeakMap();
const quietMilliseconds = 150;
const patienceMilliseconds = 30_000;

/** The stream never ends; it says what changed, and what is asked because of it counts. */
const ends = (request) => !request.url().endsWith('/api/v1/stream') && !request.url().startsWith('data:');

/** Must be called before the page is used: what it has asked for and not yet got is kept from here on. */
export function watch(page) {
  const state = { open: new Set(), since: Date.now() };
  asked.set(page, state);
  const ended = (request) => { if (state.open.delete(request)) state.since = Date.now(); };
  page.on('request', (request) => { if (ends(request)) state.open.add(request); });
  page.on('requestfinished', ended);
  page.on('requestfailed', ended);
  page.on('framenavigated', (frame) => {
    if (frame !== page.mainFrame()) return;
    state.since = Date.now();
  });
  return page;
}

/** What moves or is waited for in the document, two pictures after now; empty when nothing is. */
const stirring = () => new Promise((answer) => {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const shown = document.querySelector('.frame') ? document.querySelector('.content') : document.querySelector('#root') ?? document.body;
    const moving = document.getAnimations().find((one) => one.timeline === document.timeline && one.playState === 'running' && one.effect?.getComputedTiming().iterations !== Infinity);
    if (document.readyState !== 'complete' || !shown?.textContent.trim()) answer('an empty page');
    else if (document.querySelector('.skeleton')) answer('a skeleton');
    else answer(moving ? `something that moves: ${moving.effect?.target?.className}` : '');
  }));
});

/** The quiet is waited for from here on: what a click is about to ask for has not been asked yet. */
export async function settled(page) {
  const state = asked.get(page);
  const begun = Date.now();
  const end = begun + patienceMilliseconds;
  for (let why = 'its requests'; why; ) {
    if (Date.now() > end) throw new Error(`the page does not settle: ${[...state.open].map((one) => one.url()).join(' ') || why}`);
    await page.waitForTimeout(30);
    if (state.open.size > 0 || Date.now() - Math.max(begun, state.since) < quietMilliseconds) continue;
    why = await page.evaluate(stirring).catch((error) => error.message);
    if (state.open.size > 0) why = 'its requests';
  }
}
