// A mail server that takes in everything and keeps nothing but the last message: node smtp_sink.mjs
// Prints its port; each line on its standard input is answered with {"mails","bytes","last"}.
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

let mails = 0;
let bytes = 0;
let last = '';
const end = '\r\n.\r\n';

createServer((socket) => {
  let text = '';
  let inside = false;
  socket.setNoDelay(true).setEncoding('latin1');
  socket.write('220 sink ESMTP\r\n');
  socket.on('error', () => {});
  socket.on('data', (part) => {
    text += part;
    for (;;) {
      if (inside) {
        const at = text.indexOf(end);
        if (at < 0) return;
        last = text.slice(0, at);
        mails += 1;
        bytes += at;
        inside = false;
        text = text.slice(at + end.length);
        socket.write('250 taken\r\n');
        continue;
      }
      const at = text.indexOf('\r\n');
      if (at < 0) return;
      const word = text.slice(0, 4).toUpperCase();
      text = text.slice(at + 2);
      inside = word === 'DATA';
      if (word === 'QUIT') socket.end('221 bye\r\n');
      else socket.write(inside ? '354 go on\r\n' : '250 ok\r\n');
    }
  });
}).listen(0, '127.0.0.1', function told() { console.log(this.address().port); });
createInterface({ input: process.stdin }).on('line', () => console.log(JSON.stringify({ mails, bytes, last })));
