// See run: mails are put into boxes of a real IMAP server; what the program makes of them is read.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const [engine, server, token, smtpPort, imapPort, folder] = process.argv.slice(2);
const said = (good, name, more) => {
  console.log(`${good ? 'ok' : 'not ok'} ${engine}: ${name}`);
  if (!good && more !== undefined) console.log(`# ${JSON.stringify(more).slice(0, 1500)}`);
};
async function ask(method, path, body) {
  const response = await fetch(`${server}/api/v1${path}`, {
    method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-requested-with': 'guantong' },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}
async function call(method, path, body) {
  const { status, body: answer } = await ask(method, path, body);
  if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
  return answer;
}
async function until(what, seconds = 60) {
  for (let i = 0; i < seconds * 10; i++) {
    const found = await what();
    if (found) return found;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  return undefined;
}
const doveadm = (...args) => execFileSync('doveadm', ['-c', `${folder}/dovecot.conf`, ...args], { encoding: 'latin1' });
const put = (user, wire, box = 'INBOX') => execFileSync('doveadm', ['-c', `${folder}/dovecot.conf`, 'save', '-u', `${user}`, '-m', box], { input: Buffer.isBuffer(wire) ? wire : wire.replace(/\n/g, '\r\n') });
// The last line may be half written yet.
const mails = () => (existsSync(`${folder}/${engine}/mails`) ? readFileSync(`${folder}/${engine}/mails`, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line)) : []);

// The account of the SMTP server is called news; the box of that name is this engine's own.
const user = 'news';
doveadm('expunge', '-u', user, 'mailbox', '*', 'all');
doveadm('expunge', '-u', `bounce-${engine}`, 'mailbox', '*', 'all');
const sentBox = '已发送';
const authority = readFileSync(`${folder}/cert.pem`, 'utf8');
const now = () => new Date().toUTCString();
const box = {
  address: 'chen@huayue.example.cn', name: '陈思远', username: user, password: 'Top-secret-1', since: '2026-01-01', authority, excluded: '@lawyer.example.com',
  imap_host: 'localhost', imap_port: Number(imapPort), imap_security: 'tls', smtp_host: 'localhost', smtp_port: Number(smtpPort), smtp_security: 'starttls',
};
const wrong = await call('POST', '/mailbox/test', { ...box, password: 'wrong' });
said(!wrong.works && wrong.state === 'login' && wrong.advice.includes('授权码'), 'a wrong password is told, with what to do', wrong);
const strange = await call('POST', '/mailbox/test', { ...box, authority: '' });
said(!strange.works && strange.state === 'certificate', 'a certificate nobody vouches for is not trusted', strange);
const closed = await call('POST', '/mailbox/test', { ...box, imap_port: 1 });
said(!closed.works && closed.state === 'unreachable', 'a server that is not there is told', closed);
const tried = await call('POST', '/mailbox/test', box);
said(tried.works && tried.folders.some(({ label, sent }) => label === '已发送' && sent), 'the right settings work, and the folder of sent mails is found', tried);

const lead = await call('POST', '/leads', { name: '孙立民', email: 'sun@tiangong.example.com', company_name: '无锡天工' });
put(user, Buffer.concat([Buffer.from(`From: =?GB2312?B?y+/BosPx?= <Sun@TianGong.example.com>\r\nTo: chen@huayue.example.cn\r\nSubject: =?gb2312?B?sai82w==?=\r\nMessage-ID: <one@tiangong.example.com>\r\nDate: ${now()}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\n`), Buffer.from('x+uxqLzbuPjO0sPHoaM='), Buffer.from('\r\n--b\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment; filename="=?utf-8?B?5Zu+57q4LnBkZg==?="\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQ=\r\n--b--\r\n')]));
put(user, `From: friend@private.example.com\nTo: chen@huayue.example.cn\nSubject: Dinner\nMessage-ID: <two@private.example.com>\nDate: ${now()}\n\nTonight?\n`);
put(user, `From: sun@tiangong.example.com\nTo: chen@huayue.example.cn\nSubject: Broken\nMessage-ID: <three@tiangong.example.com>\nDate: ${now()}\nContent-Type: multipart/mixed; boundary="zz\n\n--zz\nContent-Transfer-Encoding: base64\n\n%%%not base64%%%\n--zz`);
put(user, `From: chen@huayue.example.cn\nTo: sun@tiangong.example.com\nSubject: Re: offer\nMessage-ID: <four@huayue.example.cn>\nIn-Reply-To: <one@tiangong.example.com>\nDate: ${now()}\n\nHere it is.\n`, sentBox);
await call('PUT', '/mailbox', box);
const letters = async () => (await call('GET', `/leads/${lead.id}/timeline?kinds=mail`)).data;
const three = await until(async () => { const all = await letters(); return all.length >= 3 && all; });
said(three?.length === 3, 'mails of both folders are on the timeline', await letters());
said(three?.filter(({ type }) => type === 'letter.out').length === 1, 'one of them goes out', three);
const offer = three?.find(({ text }) => text === '报价');
const opened = offer && await call('GET', `/correspondence/${offer.id}`);
said(opened?.text === '请报价给我们。' && opened.from.name === '孙立民' && opened.attachments[0]?.name === '图纸.pdf' && opened.attachments[0].size === 8, 'GB2312 is read, attachments are named', opened);
said(opened?.thread.length === 2, 'an answer stands in the thread', opened?.thread);
const drawing = opened && await fetch(`${server}/api/v1/correspondence/${offer.id}/files/${opened.attachments[0].id}/content`, { headers: { authorization: `Bearer ${token}` } });
said(drawing?.headers.get('content-type') === 'application/pdf' && await drawing.text() === '%PDF-1.4', 'an attachment is kept, and fetched whole', drawing?.status);
const state = await until(async () => { const own = await call('GET', '/mailbox'); return own.state === 'works' && own; });
said(state?.sent === '&XfJT0ZAB-' && state.synced_at, 'the mailbox works, and knows the folder of sent mails', state);
said(!doveadm('fetch', '-u', user, 'flags', 'mailbox', 'INBOX', 'all').includes('Seen'), 'nothing became read by being read');
const met = await call('GET', `/leads/${lead.id}`);
said(met.last_follow_up_at && met.status === 'working', 'a mail out is a follow-up', met);

// A file put in for a letter, one of megabytes, and one of a mail go along.
const large = Buffer.alloc(3_000_000, 'Quotation line, with tax\r\n').toString();
const upload = await fetch(`${server}/api/v1/mailbox/files?file_name=${encodeURIComponent('报价明细（含税）.txt')}`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'text/plain', 'x-requested-with': 'guantong' }, body: large });
const put_in = await upload.json();
const bundle = await call('POST', `/leads/${lead.id}/mails`, { subject: '附件', body: '见附件', files: [put_in.id, opened.attachments[0].id] });
const parcel = await until(() => mails().find(({ subject }) => subject === '附件'));
const parts = parcel?.raw.split(/\r?\n--[^\r\n]+\r?\n/).filter((part) => /^Content-Disposition: attachment/m.test(part)) ?? [];
const [sent, forwarded] = parts.map((part) => Buffer.from(part.slice(part.search(/\r?\n\r?\n/)).replace(/\s/g, ''), 'base64').toString());
said(/^Content-Type: multipart\/mixed/m.test(parcel?.raw ?? '') && sent === large && forwarded === '%PDF-1.4', 'files arrive whole', parcel?.raw.slice(0, 1500));
said(/filename\*(0\*)?=utf-8''%E6%8A%A5/i.test(parts[0] ?? '') && /name="?=\?utf-8\?/i.test(parts[0] ?? ''), 'their names are told in both ways', parts[0]?.slice(0, 400));
await until(async () => (await call('GET', `/correspondence/${bundle.id}`)).state === 'sent');

// A mail written here goes once, and its copy among the sent mails is the same.
const written = await call('POST', `/leads/${lead.id}/mails`, { subject: 'Re: 报价', body: '报价见下。\n陈思远', cc: ['li@tiangong.example.com'], reply_to: offer.id });
const arrived = await until(() => mails().find(({ subject }) => subject === 'Re: 报价'));
said(arrived?.to.includes('sun@tiangong.example.com') && arrived.to.includes('li@tiangong.example.com') && /^In-Reply-To: <one@tiangong\.example\.com>/m.test(arrived.raw) && !/Auto-Submitted/.test(arrived.raw), 'it arrives, as an answer, from a person', arrived?.raw.slice(0, 800));
await until(async () => (await call('GET', `/correspondence/${written.id}`)).state === 'sent');
put(user, Buffer.from(arrived.raw, 'latin1'), sentBox);

// Nobody asks for it to be read: the server tells of what comes, well before the next turn.
put(user, `From: sun@tiangong.example.com\nTo: chen@huayue.example.cn\nSubject: At once\nMessage-ID: <idle@tiangong.example.com>\nDate: ${now()}\n\nNow\n`);
const since = Date.now();
const told = await until(async () => (await letters()).some(({ text }) => text === 'At once'), 20);
said(told, 'a mail is there as soon as the server tells of it', Date.now() - since);
console.log(`# at once: ${Date.now() - since} ms`);

// The server numbers the folder anew: it is read again, and nothing is there twice.
doveadm('mailbox', 'update', '--uid-validity', String(Math.floor(Date.now() / 1000) + 77), '-u', user, 'INBOX');
put(user, `From: sun@tiangong.example.com\nTo: chen@huayue.example.cn\nSubject: Last\nMessage-ID: <five@tiangong.example.com>\nDate: ${now()}\n\nThanks\n`);
await call('POST', '/mailbox/sync');
await until(async () => (await letters()).some(({ text }) => text === 'Last'));
const copied = await until(async () => (await call('GET', '/mailbox')).state === 'works' && letters());
said(copied?.length === 7 && copied.filter(({ text }) => text === 'Re: 报价').length === 1, 'each mail is there once', copied?.map(({ text }) => text));

// What could not be delivered is told to whoever wrote it.
const original = arrived.messageId;
put(user, `Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nTo: chen@huayue.example.cn\nSubject: Undelivered Mail Returned to Sender\nMessage-ID: <dsn1@mx.example.com>\nDate: ${now()}\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\nContent-Type: text/plain\n\nSorry.\n\n--r\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; sun@tiangong.example.com\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--r\nContent-Type: text/rfc822-headers\n\nMessage-ID: ${original}\nTo: sun@tiangong.example.com\n\n--r--\n`);
await call('POST', '/mailbox/sync');
const returned = await until(async () => { const one = await call('GET', `/correspondence/${written.id}`); return one.state === 'returned' && one; });
said(returned?.why.includes('5.1.1'), 'a bounce of a mail written here is shown on it', returned);
const refused = await until(async () => { const one = await ask('POST', `/leads/${lead.id}/mails`, { to: ['sun@tiangong.example.com'], subject: 'x', body: 'x' }); return one.status === 422 && one; });
said(refused?.body.errors[0].pointer === '/to/0', 'an address that does not exist is refused from then on', refused);

// Bounces, complaints and answers of mailings.
await call('PUT', '/mail/account', { host: 'localhost', port: Number(smtpPort), security: 'starttls', username: 'news', password: 'Top-secret-1', from_name: '华岳', from_address: 'news@huayue.example.cn', bounce_address: 'bounce@huayue.example.cn', public_url: server, per_minute: 1000, authority });
await call('PUT', '/mail/policy', { per_day: 0, per_week: 0, quiet_from: 0, quiet_to: 0 });
const template = await call('POST', '/mail_templates', { name: 'x', topic: 'case', subject: 'News', blocks: [{ type: 'text', text: 'x' }] });
const { id: rule } = await call('POST', '/automations', { name: 'x', trigger: 'consent.given', entity_name: 'person', enabled: true, actions: [{ action: 'send_mail', parameters: { template_id: template.id } }] });
const invitation = await call('POST', '/mail_templates', { name: 'y', topic: 'case', subject: 'Invitation', blocks: [{ type: 'text', text: 'x' }] });
// A journey whose people go on when they answer.
const journey = await call('POST', '/journeys', { name: 'x', entity_name: 'person', draft: { nodes: [
  { id: 'in', type: 'entry', config: { kind: 'event', event: 'consent.given' } }, { id: 'send', type: 'action', config: { action: 'send_mail', parameters: { template_id: invitation.id } } },
  { id: 'w', type: 'wait', config: { kind: 'event', event: 'mail.replied', of: 'send', minutes: 10080 } }, { id: 'b', type: 'branch', config: { kind: 'mail', of: 'send' } },
  { id: 'talk', type: 'goal' }, { id: 'end', type: 'exit' }],
edges: [['in', 'next', 'send'], ['send', 'next', 'w'], ['w', 'event', 'b'], ['w', 'timeout', 'end'], ['b', 'replied', 'talk'], ['b', 'clicked', 'end'], ['b', 'opened', 'end'], ['b', 'none', 'end']].map(([from, port, to]) => ({ from, port, to })) } });
await call('POST', `/journeys/${journey.id}/publish`, {});
const people = {};
for (const who of ['hard', 'soft', 'angry', 'glad', 'qmail']) {
  people[who] = await call('POST', '/people', { name: who, email: `${who}@crowd.example.com` });
  await call('POST', `/people/${people[who].id}/consents/give`, { channel: 'email', source: 'form', text: '同意' });
}
const went = (who, what = 'News') => mails().find(({ to, subject }) => to.includes(`${who}@crowd.example.com`) && subject === what);
await until(() => Object.keys(people).every(went));
const sends = async () => (await call('GET', `/mail/sends?source=automation&source_id=${rule}`)).data;
await until(async () => (await sends()).filter(({ state: now }) => now === 'sent').length === 5);
const bounce = `bounce-${engine}`;
const dsn = (who, status, words, day) => `Return-Path: <>\nFrom: postmaster@mx.example.com\nTo: ${went(who).from}\nSubject: Delivery Status Notification (Failure)\nMessage-ID: <${who}${day}@mx.example.com>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ${who}@crowd.example.com\nAction: failed\nStatus: ${status}\nDiagnostic-Code: smtp; ${words}\n\n--r--\n`;
put(bounce, dsn('hard', '5.0.0', '550 5.1.1 <hard@crowd.example.com>: user unknown', 1));
put(bounce, dsn('soft', '5.2.2', '552 mailbox full', 1));
put(bounce, `From: fbl@isp.example.com\nTo: bounce@huayue.example.cn\nSubject: Report\nMessage-ID: <arf@isp>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=r\n\n--r\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nOriginal-Mail-From: <${went('angry').from}>\n\n--r\nContent-Type: message/rfc822\n\nFrom: news@huayue.example.cn\nSubject: News\n\nx\n--r--\n`);
put(bounce, `From: glad@crowd.example.com\nTo: bounce@huayue.example.cn\nSubject: Re: News\nMessage-ID: <glad@crowd>\nIn-Reply-To: ${went('glad').messageId}\n\nYes please\n`);
const invited = await until(() => went('glad', 'Invitation'));
put(bounce, `From: glad@crowd.example.com\nTo: bounce@huayue.example.cn\nSubject: Re: News\nMessage-ID: <glad2@crowd>\nIn-Reply-To: ${invited?.messageId}\n\nYes please\n`);
put(bounce, `Return-Path: <>\nFrom: mailer-daemon@qmail.example.com\nTo: ${went('qmail').from}\nSubject: failure notice\nMessage-ID: <q@qmail>\n\nHi. This is the qmail-send program.\n<qmail@crowd.example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n`);
put(bounce, dsn('glad', '5.1.1', '550 5.1.1 forged', 9).replace(/bounce\+[0-9a-f]{40}/, `bounce+${'0'.repeat(40)}`));
await call('PUT', '/mailboxes/returns', { address: 'bounce@huayue.example.cn', username: bounce, password: 'Top-secret-1', imap_host: 'localhost', imap_port: Number(imapPort), authority, since: '2026-01-01' });
const line = async (who) => (await sends()).find(({ person_id }) => person_id === people[who].id);
await until(async () => (await line('hard')).bounced_at && (await line('qmail')).bounced_at && (await line('glad')).replied_at);
said((await line('hard')).suppressed === 'bounced' && (await line('qmail')).suppressed === 'bounced', 'bounces for good suppress, standard or not', [await line('hard'), await line('qmail')]);
said((await line('soft')).bounced_at && (await line('soft')).suppressed === '', 'a full mailbox is a bounce, and no reason to give up', await line('soft'));
said((await line('angry')).unsubscribed_at && (await line('angry')).suppressed === 'complained', 'a complaint unsubscribes', await line('angry'));
said((await line('glad')).replied_at && !(await line('glad')).bounced_at, 'an answer is counted, and a forged report changes nothing', await line('glad'));
const { totals } = await call('GET', `/mail/summary?source=automation&source_id=${rule}`);
said(totals.replied === 1 && totals.bounced === 3, 'the totals say so', totals);

const reached = await until(async () => { const { data } = await call('GET', `/journeys/${journey.id}/runs?state=ended`); return data.length && data; });
said(reached?.length === 1 && reached[0].node === 'talk', 'who answered goes by his own way in a journey, the others wait', reached);

// A password that does not fit any more is told to the user.
await call('PUT', '/mailbox', { ...box, password: 'changed' });
const failed = await until(async () => { const own = await call('GET', '/mailbox'); return own.state === 'login' && own; });
said(failed?.next_at > new Date(Date.now() + 600_000).toISOString(), 'a wrong password is not tried again and again', failed);
said((await call('GET', '/notifications?unread=true')).data.some(({ code }) => code === 'notification.mailbox_login'), 'and its user hears of it');
