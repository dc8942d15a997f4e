// A name server for TXT records alone, on a port of its own:  node dns.mjs RECORDS
// RECORDS is a JSON file, {"name": "text"}; it is read for each question, and may not be there yet.
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';

const [records] = process.argv.slice(2);
const socket = createSocket('udp4');

function nameAt(bytes) {
  const labels = [];
  let at = 12;
  for (; bytes[at]; at += 1 + bytes[at]) labels.push(bytes.toString('latin1', at + 1, at + 1 + bytes[at]));
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

function record(text) {
  const parts = text.match(/[^]{1,255}/g).map((one) => Buffer.concat([Buffer.from([one.length]), Buffer.from(one, 'latin1')]));
  const data = Buffer.concat(parts);
  const head = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255]);
  return Buffer.concat([head, data]);
}

socket.on('message', (question, from) => {
  const { name, end } = nameAt(question);
  const text = existsSync(records) ? JSON.parse(readFileSync(records, 'utf8'))[name] : undefined;
  const head = Buffer.from([question[0], question[1], 0x81, text ? 0x80 : 0x83, 0, 1, 0, text ? 1 : 0, 0, 0, 0, 0]);
  socket.send(Buffer.concat([head, question.subarray(12, end), ...(text ? [record(text)] : [])]), from.port, from.address);
});
socket.bind(0, '127.0.0.1', () => console.log(`dns ${socket.address().port}`));
process.on('SIGTERM', () => process.exit(0));
