// A mail server that takes everything and writes a line for each mail: "address message-id".
//   node sink.mjs FILE        prints "smtp PORT"
// It answers only after the line is written, so what it took in is known; and it outlives the program.
// To an address that begins with "rcpt" it says nothing the first time, to one with "data" nothing after its mail; it prints "held ADDRESS".
import { openSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';

const file = openSync(process.argv[2], 'a');
const known = new Set();
const holds = (where, to) => {
  if (!to.startsWith(where) || known.has(to)) return false;
  known.add(to);
  console.log(`held ${to}`);
  return true;
};
const server = createServer((socket) => {
  let to = '';
  let head = '';
  let reading = false;
  let rest = '';
  const say = (line) => socket.write(`${line}\r\n`);
  const taken = () => {
    writeSync(file, `${to} ${/^Message-ID: <([^>]*)>/im.exec(head)?.[1]}\n`);
    reading = false;
    if (!holds('data', to)) say('250 2.0.0 taken');
  };
  const command = (line) => {
    if (/^EHLO|^HELO|^MAIL|^RSET|^NOOP/i.test(line)) return say('250 ok');
    if (/^RCPT/i.test(line)) { to = /<([^>]*)>/.exec(line)[1]; return holds('rcpt', to) || say('250 ok'); }
    if (/^DATA/i.test(line)) { reading = true; head = ''; return say('354 go on'); }
    say('221 bye');
    return socket.end();
  };
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    rest += chunk;
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (!reading) command(line);
      else if (line === '.') taken();
      else if (head.length < 4000) head += `${line}\n`;
    }
  });
  say('220 sink');
});
server.listen(0, '127.0.0.1', () => console.log(`smtp ${server.address().port}`));
process.on('SIGTERM', () => process.exit(0));
