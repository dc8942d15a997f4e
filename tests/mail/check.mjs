// See run: sets up the sending account, sends, reads what arrived and follows its links.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [, engine, server, token, port, certificate, file, recordsFile] = process.argv.slice(2);
const said = (good, name, more) => {
  console.log(`${good ? 'ok' : 'not ok'} ${engine}: ${name}`);
  if (!good && more !== undefined) console.log(`# ${JSON.stringify(more).slice(0, 1500)}`);
};
process.on('uncaughtException', (error) => {
  console.log(`# ${error.message} ${error.cause ?? ''}`.replaceAll('\n', ' '));
  process.exit(1);
});
// The server may close a connection that was idle just as it is used again: then it is asked once more, as browsers do.
const answer = (url, options) => fetch(url, options).catch((error) => {
  if (error.cause?.code !== 'UND_ERR_SOCKET' && error.cause?.code !== 'ECONNRESET') throw error;
  return fetch(url, options);
});
const rest = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function call(method, path, body) {
  const response = await answer(`${server}/api/v1${path}`, {
    method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-requested-with': 'guantong' },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

// The last line may be half written yet.
const mails = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line)) : []);
async function until(what, seconds = 20) {
  for (let i = 0; i < seconds * 10; i++) {
    const found = await what();
    if (found) return found;
    await rest(100);
  }
  return undefined;
}
const sentTo = (address) => mails().filter(({ to }) => to.includes(address));
const sends = async (query = '') => (await call('GET', `/mail/sends?source=automation&source_id=${rule}${query}`)).data;

const account = {
  host: 'localhost', port: Number(port), security: 'starttls', username: 'news', password: 'wrong', from_name: '华岳工控',
  from_address: 'news@example.cn', bounce_address: 'bounce@example.cn', public_url: server, per_minute: 1000, authority: readFileSync(certificate, 'utf8'),
};
await call('PUT', '/mail/account', account);
const refused = await call('POST', '/mail/account/test', { to: 'boss@example.cn' });
said(!refused.accepted && mails().length === 0, 'a wrong password is told, and nothing goes', refused);
await call('PUT', '/mail/account', { ...account, authority: '', password: 'Top-secret-1' });
said(!(await call('POST', '/mail/account/test', { to: 'boss@example.cn' })).accepted, 'a certificate nobody vouches for is not trusted');
await call('PUT', '/mail/account', { ...account, password: 'Top-secret-1' });
const tried = await call('POST', '/mail/account/test', { to: 'boss@example.cn' });
said(tried.accepted && sentTo('boss@example.cn')[0]?.secure, 'a test mail arrives, over TLS', tried);
// Several, for several threads keep a connection each.
const tests = async () => Promise.all([1, 2, 3, 4].map(() => call('POST', '/mail/account/test', { to: 'idle@example.cn' })));
await tests();
await new Promise((done) => { setTimeout(done, 3600); });
const afterIdle = await tests();
said(afterIdle.every(({ accepted }) => accepted), 'a connection that the server ended meanwhile is opened anew', afterIdle);

await call('PUT', '/mail/policy', { per_day: 0, per_week: 0, quiet_from: 0, quiet_to: 0 });
// Keys to sign with: nothing is signed until they are switched on; DNS says whether they are published.
for (const [selector, algorithm] of [['old', 'rsa'], ['new', 'ed25519']]) await call('POST', '/mail/dkim', { selector, algorithm });
const unpublished = await call('POST', '/mail/dkim/check');
said(unpublished.data.length === 4 && unpublished.data.every(({ state }) => state === 'missing'), 'what DNS does not have is missing', unpublished);
const keys = await call('GET', '/mail/dkim');
const records = Object.fromEntries(keys.keys.map(({ record_name, record_value }) => [record_name, record_value]));
writeFileSync(recordsFile, JSON.stringify({ ...records, 'example.cn': 'v=spf1 mx ~all', '_dmarc.example.cn': 'v=DMARC1; p=none', [keys.keys[0].record_name]: 'v=DKIM1; p=another' }));
const differs = await call('POST', '/mail/dkim/check');
said(differs.data.map(({ state }) => state).join() === 'differs,ok,ok,ok', 'another key is told from ours', differs);
writeFileSync(recordsFile, JSON.stringify(records));
await call('POST', '/mail/dkim/old/on');
await call('POST', '/mail/dkim/new/on');
/** What an independent verifier (dkimpy) says of each signature of a message. */
const verdicts = (raw) => JSON.parse(spawnSync('/usr/bin/python3', [new URL('./verify.py', import.meta.url).pathname, recordsFile], { input: Buffer.from(raw, 'latin1') }).stdout.toString() || 'null');

const template = await call('POST', '/mail_templates', {
  name: '白皮书', topic: 'case', subject: '{{name|朋友}}，您要的白皮书到了：伺服改造的十个问题与答案，请查收并转发给同事们', blocks: [
    { type: 'text', text: '{{name|您}}好，[看案例](https://www.example.cn/cases?a=1&b=2)' },
    { type: 'button', text: '下载', url: 'https://www.example.cn/paper' },
    { type: 'button', text: '报名', url: `${server}/f/sign-up` }],
});
const { id: rule } = await call('POST', '/automations', {
  name: '白皮书', trigger: 'consent.given', entity_name: 'person', enabled: true, actions: [{ action: 'send_mail', parameters: { template_id: template.id } }],
});
async function person(name, email) {
  const made = await call('POST', '/people', { name, email });
  await call('POST', `/people/${made.id}/consents/give`, { channel: 'email', source: 'form', text: '同意接收资讯' });
  return made;
}
const sun = await person('孙立民', 'sun@example.com');
const gone = await person('已离职', 'nobody1@example.com');
const later = await person('灰名单', 'later1@example.com');
const robot = await person('扫描器', 'robot@example.com');
const mail = await until(() => sentTo('sun@example.com')[0]);
said(mail?.subject === '孙立民，您要的白皮书到了：伺服改造的十个问题与答案，请查收并转发给同事们', 'the mail arrives with its subject', mail?.subject);
const lines = mail.raw.split('\r\n');
const head = mail.raw.slice(0, mail.raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
said(lines.every((line) => line.length <= 998 && !/[\n\x80-\xff]/.test(line)), 'lines are short and plain', lines.find((line) => line.length > 998));
const folded = lines.filter((line) => line.includes('=?UTF-8?'));
said(folded.length > 2 && folded.every((line) => line.length <= 76), 'Chinese heads are folded', folded);
said(/^List-Unsubscribe: <http[^>]*\/u\/[^>]+>$/m.test(head) && /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/m.test(head), 'one-click unsubscription is offered', head);
said(/华岳工控/.test(mail.sender) && /孙立民/.test(mail.receiver) && /^<m\.\d+@example\.cn>$/.test(mail.messageId), 'names and Message-ID', [mail.sender, mail.receiver, mail.messageId]);
said(/^bounce\+[0-9a-f]{40}@example\.cn$/.test(mail.from), 'the envelope says which mail it is', mail.from);
said(mail.text.includes('看案例') && mail.html.includes('<b>') === false && mail.html.includes('孙立民'), 'text and HTML say the same', mail.text);

said(verdicts(mail.raw).join() === 'true,true', 'both signatures stand, by another program', verdicts(mail.raw));
said(verdicts(mail.raw.replace(/List-Unsubscribe: <http[^>]*/, (one) => `${one}x`)).join() === 'false,false', 'a changed unsubscription is found out');
said(verdicts(`${mail.raw}x\r\n`).join() === 'false,false', 'and a changed body');
const links = [...mail.html.matchAll(/href="([^"]*\/c\/[^"]+)"/g)].map(([, link]) => link);
said(links.length === 3 && !mail.html.includes("www.example.cn") && !mail.html.includes("/f/sign-up"), 'links lead through the server', links);
const browser = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140 Safari/537.36' };
const follow = (link, headers = browser) => answer(link, { redirect: 'manual', headers });
const pixel = (one) => one.html.match(/src="([^"]*\/o\/[^"]+)"/)[1];

// A scanner looks into all links within seconds of the delivery.
const scanned = await until(() => sentTo('robot@example.com')[0]);
for (const [, link] of scanned.html.matchAll(/href="([^"]*\/c\/[^"]+)"/g)) await follow(link);
await follow(pixel(scanned), { 'user-agent': 'GoogleBot' });

await rest(5500);
const first = await follow(links[0]);
said(first.status === 302 && first.headers.get('location') === 'https://www.example.cn/cases?a=1&b=2', 'a link leads to where the template says', first.headers.get('location'));
const opened = await follow(pixel(mail));
said(opened.status === 200 && (await opened.arrayBuffer()).byteLength === 43, 'the pixel is a picture');
const forged = `${links[0].slice(0, -2)}AA`;
said((await follow(forged)).status === 404 || forged === links[0], 'a token that was changed leads nowhere');
// A scanner that comes late still takes all links at once.
for (const [, link] of scanned.html.matchAll(/href="([^"]*\/c\/[^"]+)"/g)) await follow(link);

// A link to the company's own site hands over a token; the browser that brings it back is his, once the click is known to be a person's.
const own = await follow(links[2]);
const arrival = new URL(own.headers.get('location')).searchParams.get('gt_c');
said(arrival && !own.headers.get('location').includes('sun') && !first.headers.get('location').includes('gt_c'), 'a link to the own site carries a token, others none', own.headers.get('location'));
const visitor = 'AbCdEfGhIjKlMnOpQrStUv';
const arrive = (more) => answer(`${server}/t`, { method: 'POST', headers: browser, body: JSON.stringify({ v: visitor, s: 'one', c: 'granted', d: { language: 'zh-CN', device: 'desktop' }, m: arrival, e: [{ t: 'page.viewed', at: 0, u: '/f/sign-up' }], ...more }) });
await arrive({ v: 'DeniedDeniedDeniedDeni', c: 'denied' });
await arrive({ v: 'ForgedForgedForgedForg', m: `${arrival.slice(0, -2)}AA` });
await arrive();
const linked = await until(async () => { const { data } = await call('GET', `/people/${sun.id}/visitor_links`); return data.length > 0 && data; }, 30);
said(linked?.length === 1 && linked[0].how === 'click' && linked[0].open, 'a click in a mail says whose browser it is, once, with consent, for a true token', linked);

const clicked = await until(async () => (await sends()).find((one) => one.person_id === sun.id && one.clicked_at));
said(clicked && clicked.opened_at, 'a person clicked and opened', clicked);
await rest(2000);
const machine = (await sends()).find((one) => one.person_id === robot.id);
said(machine.machine_at && !machine.clicked_at && !machine.opened_at, 'a machine is told apart', machine);

const missing = await until(async () => (await sends('&state=not_sent')).find((one) => one.person_id === gone.id));
said(missing?.reason === 'bounced' && missing.bounced_at, 'who does not exist is a bounce, with the reason kept', missing);
const again = await until(() => sentTo('later1@example.com')[0], 30);
said(again && sentTo('later1@example.com').length === 1, 'what was put off is sent again, once');
const { id: twice } = await person('同一个坏地址', 'nobody2@example.com');
await until(async () => (await sends('&state=not_sent')).find((one) => one.person_id === twice));

// What the receiver's server tells later, through the pipe.
const report = `To: ${mail.from}\n\nReporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; sun@example.com\nAction: delayed\nStatus: 4.4.7\n`;
const hook = (body) => answer(`${server}/hook/mail`, { method: 'POST', headers: { 'content-type': 'message/rfc822' }, body });
await hook(report);
said(!(await sends()).find((one) => one.person_id === sun.id).bounced_at, 'a delay is no bounce');
await hook(report.replace('delayed', 'failed').replace('4.4.7', '5.1.1'));
said((await sends()).find((one) => one.person_id === sun.id).bounced_at, 'a report of failure is a bounce');

// Unsubscribing: looking does nothing, one click does, without cookies or a log-in.
const unsubscribe = again.html.match(/href="([^"]*\/u\/[^"]+)"/)[1];
const page = await (await answer(unsubscribe)).text();
said(page.includes('<form method="post">') && !page.includes('<script'), 'the preference page works without a script');
const one = (person_id) => sends().then((all) => all.find((row) => row.person_id === person_id));
said(!(await one(later.id)).unsubscribed_at, 'looking at the page unsubscribes nobody');
const oneClick = await answer(unsubscribe, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'List-Unsubscribe=One-Click', redirect: 'manual' });
said(oneClick.status === 200 && (await one(later.id)).unsubscribed_at, 'one click unsubscribes');
const repeated = await answer(unsubscribe, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'List-Unsubscribe=One-Click' });
said(repeated.status === 200, 'and may be repeated');
const agreed = await call('GET', `/people/${later.id}/consents`);
said(agreed.now.some(({ channel, state }) => channel === 'email' && state === 'withdrawn'), 'and is kept as consent withdrawn', agreed.now);
const totals = await call('GET', `/mail/summary?source=automation&source_id=${rule}`);
said(totals.totals.sent === 3 && totals.totals.clicked === 1 && totals.totals.machine === 1 && totals.totals.unsubscribed === 1 && totals.reasons.bounced === 2, 'the totals add up', totals);
const { data: [effect] } = await call('GET', `/mail/effects?source=automation&source_id=${rule}`);
said(effect.people === 3 && effect.clicked === 1 && effect.opened >= 1 && effect.name === '白皮书' && effect.after_click.people === 0 && effect.verdict === 'few', 'what followed is not told before its time', effect);
const story = await call('GET', `/people/${sun.id}/timeline`);
said(['mail.sent', 'mail.opened', 'mail.clicked', 'mail.bounced'].every((type) => story.data.some((entry) => entry.kind === 'mail' && entry.type === type)), 'the timeline tells it', story.data.map(({ kind, type }) => `${kind} ${type}`));

// What happens to a person between the planning of his mail and its sending holds: a server that puts mails off gives it the time.
const [withdrawn, moved, trashed] = await Promise.all(['withdrawn', 'moved', 'trashed', 'stopped'].map((name) => person(`正在${name}`, `later-${name}@example.com`)));
await until(async () => (await sends('&state=queued')).length >= 4);
await call('POST', `/people/${withdrawn.id}/consents/withdraw`, { channel: 'email', source: 'call' });
await call('PATCH', `/people/${moved.id}`, { email: 'moved-to@example.com' });
await call('DELETE', `/people/${trashed.id}`);
await call('POST', '/mail/suppressions', { address: 'later-stopped@example.com' });
const reasons = await until(async () => {
  const found = (await sends('&state=not_sent')).map(({ reason }) => reason).filter((reason) => reason !== 'bounced').sort();
  return found.length === 3 && found;
}, 30);
said(reasons?.join() === 'no_address,suppressed,unsubscribed', 'who withdrew, went to the trash or was suppressed after his mail was handed out gets none', reasons);
said(await until(() => sentTo('moved-to@example.com')[0], 30) && !mails().some(({ to }) => to[0].startsWith('later-')), 'who moved gets it at his new address', mails().map(({ to }) => to));

// A click is that of the mail it stands in: another lead of the same person, whose mail nobody touched, waits on.
const journey = await call('POST', '/journeys', {
  name: '两条线索', entity_name: 'lead', draft: {
    nodes: [
      { id: 'in', type: 'entry', config: { kind: 'event', event: 'lead.created', where: { field: 'source', op: 'eq', value: '两次' } } },
      { id: 'mail', type: 'action', config: { action: 'send_mail', parameters: { template_id: template.id } } },
      { id: 'wait', type: 'wait', config: { kind: 'event', event: 'mail.clicked', of: 'mail', minutes: 60 } }, { id: 'end', type: 'exit' }],
    edges: [{ from: 'in', port: 'next', to: 'mail' }, { from: 'mail', port: 'next', to: 'wait' }, { from: 'wait', port: 'event', to: 'end' }, { from: 'wait', port: 'timeout', to: 'end' }],
  },
});
await call('POST', `/journeys/${journey.id}/publish`, {});
await person('两条线索', 'two@example.com');
for (let i = 0; i < 2; i++) await call('POST', '/leads', { name: '两条线索', email: 'two@example.com', source: '两次' });
const both = await until(async () => { const { data } = await call('GET', `/mail/sends?source=journey&source_id=${journey.id}&state=sent`); return data.length === 2 && data; });
await rest(5500);
const touched = mails().find(({ messageId }) => messageId === `<m.${both?.[0].id}@example.cn>`);
await follow(touched.html.match(/href="([^"]*\/c\/[^"]+)"/)[1]);
const ended = await until(async () => { const { data } = await call('GET', `/journeys/${journey.id}/runs?state=ended`); return data.length > 0 && data; }, 30);
await rest(1000);
const waiting = (await call('GET', `/journeys/${journey.id}/runs?node=wait`)).data;
said(ended?.length === 1 && waiting.length === 1, 'a click in the mail of one lead leaves the other waiting', { ended, waiting });

const crowd = Array.from({ length: 16 }, (_, i) => `crowd${i}@example.com`);
await Promise.all(crowd.map((email, i) => person(`众${i}`, email)));
await until(() => crowd.every((email) => sentTo(email).length > 0));
const letters = crowd.flatMap(sentTo);
said(letters.length === crowd.length, 'everybody gets one mail', letters.length);
said(new Set(letters.map(({ connection }) => connection)).size < letters.length, 'a connection carries several mails', letters.map(({ connection }) => connection));
