import { launch, logIn, speak } from './pages.mjs';
const [base, path, out, width='1440', height='1700', theme='light', lang='zh', act=''] = process.argv.slice(2);
const b = await launch(); const c = await b.newContext({ viewport: { width: +width, height: +height }, locale: 'zh-CN' }); const p = await c.newPage();
p.on('console', (l) => { if (l.type() === 'error') console.log(l.text().slice(0,300)); }); p.on('pageerror', e => console.log(e.message));
await logIn(p, base); await speak(p, lang);
await p.evaluate((v) => localStorage.setItem('guantong.preferences', JSON.stringify(v)), { theme });
await p.goto(base + path); await p.waitForTimeout(1500); if (act) { await eval(`(async()=>{${act}})()`); await p.waitForTimeout(700);} await p.screenshot({ path: out }); await b.close();
