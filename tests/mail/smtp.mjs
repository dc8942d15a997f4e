// A mail server on a port of its own: STARTTLS, log-in, and what it took in as a JSON line a mail.
//   node smtp.mjs PACKAGE FOLDER FILE
// Who says nothing for three seconds is cut off, with 421. An address that begins with "nobody" does not exist; "later" is refused for now the first time.
import { appendFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [packagePath, folder, file] = process.argv.slice(2);
const require = createRequire(packagePath);
const { SMTPServer } = require('smtp-server');
const { simpleParser } = require('mailparser');

const refusal = (code, words) => Object.assign(new Error(words), { responseCode: code });
const tried = new Set();

const server = new SMTPServer({
  key: readFileSync(`${folder}/key.pem`),
  cert: readFileSync(`${folder}/cert.pem`),
  authOptional: false,
  socketTimeout: 3000,
  onAuth: (auth, session, done) => (auth.username === 'news' && auth.password === 'Top-secret-1'
    ? done(null, { user: 'news' }) : done(refusal(535, '5.7.8 Authentication failed'))),
  onRcptTo: ({ address }, session, done) => {
    if (address.startsWith('nobody')) return done(refusal(550, '5.1.1 No such mailbox'));
    if (address.startsWith('later') && !tried.has(address)) {
      tried.add(address);
      return done(refusal(451, '4.7.1 Greylisted, try again'));
    }
    return done();
  },
  onData: (stream, session, done) => {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', async () => {
      const raw = Buffer.concat(chunks).toString('latin1');
      const mail = await simpleParser(Buffer.concat(chunks));
      appendFileSync(file, `${JSON.stringify({
        from: session.envelope.mailFrom.address, to: session.envelope.rcptTo.map(({ address }) => address),
        secure: session.secure, connection: session.id, raw, subject: mail.subject, html: mail.html, text: mail.text,
        messageId: mail.messageId, sender: mail.from.text, receiver: mail.to.text,
      })}\n`);
      done();
    });
  },
});
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => console.log(`smtp ${server.server.address().port}`));
process.on('SIGTERM', () => process.exit(0));
