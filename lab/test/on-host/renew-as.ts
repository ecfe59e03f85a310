/*
 * Speaks to the server as the agent of this host, with its key and certificate, and asks for a certificate by a request that somebody
 * else made up. Arguments: address of the server, file of the request. Prints the server's answer.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { Duplex } from 'node:stream';

const [host = '', csrFile = ''] = process.argv.slice(2);
const identity = '/var/lib/muster-agent/identity/current';
const file = (name: string) => readFileSync(`${identity}/${name}`);

/** A text in one frame, masked as a client has to. */
function send(socket: Duplex, message: object): void {
  const text = Buffer.from(JSON.stringify(message));
  const head = Buffer.from([0x81, 0xfe, text.length >> 8, text.length & 0xff]);
  const mask = randomBytes(4);
  socket.write(Buffer.concat([head, mask, text.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]));
}

/** Takes whole frames off the front of what has come, and returns the rest. */
function takeFrames(data: Buffer, heard: (text: string) => void): Buffer {
  let rest = data;
  for (;;) {
    const short = (rest[1] ?? 0) & 0x7f;
    const start = short === 126 ? 4 : 2;
    const length = short === 126 && rest.length >= 4 ? rest.readUInt16BE(2) : short;
    if (rest.length < start || rest.length < start + length) return rest;
    if (((rest[0] ?? 0) & 0x0f) === 1) heard(rest.subarray(start, start + length).toString());
    rest = rest.subarray(start + length);
  }
}

const key = randomBytes(16).toString('base64');
const call = request({
  host,
  port: 7421,
  path: '/agent',
  key: file('key.pem'),
  cert: file('chain.pem'),
  ca: file('root.pem'),
  checkServerIdentity: () => undefined,
  headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': key },
});
call.on('response', ({ statusCode }) => process.stdout.write(`refused with ${statusCode}\n`));
call.on('upgrade', ({ headers }, socket, head) => {
  const expected = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  if (headers['sec-websocket-accept'] !== expected) throw new Error('the server did not take the handshake');
  let rest: Buffer = Buffer.from(head);
  socket.on('data', (chunk: Buffer) => {
    rest = takeFrames(Buffer.concat([rest, chunk]), (text) => {
      const { type } = JSON.parse(text) as { type: string };
      if (type === 'welcome') send(socket, { type: 'renew', id: 'mine', csrPem: readFileSync(csrFile, 'utf8') });
      if (type !== 'certificate' && type !== 'renewal-refused') return;
      process.stdout.write(`${text}\n`);
      socket.destroy();
    });
  });
  send(socket, { type: 'hello', protocol: 1, agentVersion: '0.1.0', bootId: 'test', clockMs: Date.now() });
});
call.end();
