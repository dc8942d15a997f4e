import { mkdirSync } from 'node:fs';
const { launch, logIn, speak, sizes } = await import('/work/wt/ui1/ui/dev/pages.mjs');
const [base, list='cards,edit,what,lead', size='desk', theme='light', lang='zh'] = process.argv.slice(2);
const folder='/tmp/shots'; mkdirSync(folder,{recursive:true});
const browser=await launch();
const [width,height]=sizes[size];
const context=await browser.newContext({viewport:{width,height},locale:lang==='en'?'en-GB':'zh-CN'});
const page=await context.newPage();
page.on('pageerror',e=>console.log('error',e.message));
page.on('console',l=>{if(l.type()==='error')console.log('console',l.text().slice(0,300));});
await logIn(page,base); await speak(page,lang);
await page.evaluate(v=>localStorage.setItem('guantong.preferences',JSON.stringify(v)),{theme});
const shot=async n=>{await page.screenshot({path:`${folder}/${n}-${size}-${theme}-${lang}.png`});};
for (const name of list.split(',')) {
  if (name==='cards') { await page.goto(base+'/scoring'); await page.waitForTimeout(1200); await shot(name); }
  if (name==='edit'||name==='what') {
    await page.goto(base+'/scoring'); await page.waitForTimeout(800);
    await page.locator('.scoring-card a').nth(1).click(); await page.waitForTimeout(900);
    if (name==='edit') { await page.locator('.rule-title').nth(4).click(); await page.waitForTimeout(300);
      const first = await page.evaluate(async()=>(await (await fetch('/api/v1/leads?sort=-score&limit=1')).json()).data[0].name);
      await page.locator('.card-columns aside .ant-select').first().click(); await page.keyboard.type(first); await page.waitForTimeout(1200); await page.keyboard.press('Enter'); await page.waitForTimeout(1500); await shot(name); }
    else { await page.locator('.rule-title').nth(4).click(); await page.waitForTimeout(200); await page.locator('.rule-body .ant-input-number-input').first().fill('35'); await page.keyboard.press('Tab');
      await page.locator('aside .ant-btn').first().click(); await page.waitForTimeout(200); const t=Date.now(); await page.locator('.what-if').waitFor({timeout:60000}); console.log('what-if ms',Date.now()-t); await page.waitForTimeout(300); await shot(name); } }
  if (name==='lead') { const id=await page.evaluate(async()=>(await (await fetch('/api/v1/leads?sort=-score&limit=1')).json()).data[0].id);
    await page.goto(`${base}/leads/${id}${size==='phone'?'?tab=related':''}`); await page.waitForTimeout(1200); await page.locator('.score-details summary').first().click(); await page.waitForTimeout(300); await shot(name); }
  if (name==='predict') { await page.goto(base+'/scoring/prediction'); await page.waitForTimeout(1500); await shot(name); }
}
await browser.close();
