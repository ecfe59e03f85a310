/* Connects every 50 ms to one host after the other, with the node's certificate as it lies there then. Ends on SIGTERM, and says how it went. */
import { readFileSync, readlinkSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';

const everyMs = 50;
const pki = '/etc/muster/pki';
const hosts = process.argv.slice(2);
const told = { tried: 0, served: 0, failures: [] as string[], serials: {} as Record<string, string[]> };
const open = new Set<TLSSocket>();

function call(host: string): void {
  told.tried += 1;
  const folder = `${pki}/${readlinkSync(`${pki}/current`)}`;
  const own = { key: readFileSync(`${folder}/key.pem`), cert: readFileSync(`${folder}/chain.pem`), ca: readFileSync(`${folder}/ca.pem`) };
  const socket = connect({ host, port: 8443, servername: host, ...own });
  open.add(socket);
  let text = '';
  socket.setTimeout(10_000, () => socket.destroy(new Error('no answer within 10 s')));
  socket.on('secureConnect', () => {
    const serial = socket.getPeerCertificate().serialNumber.toLowerCase();
    const seen = (told.serials[host] ??= []);
    if (!seen.includes(serial)) seen.push(serial);
  });
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.on('error', (error) => told.failures.push(`${host}: ${error.message}`));
  socket.on('close', (hadError) => {
    open.delete(socket);
    if (text === 'served\n') told.served += 1;
    else if (!hadError) told.failures.push(`${host}: closed without an answer`);
  });
}

let at = 0;
const timer = setInterval(() => call(hosts[at++ % hosts.length] ?? ''), everyMs);
process.on('SIGTERM', () => {
  clearInterval(timer);
  setInterval(() => {
    if (open.size > 0) return;
    process.stdout.write(JSON.stringify(told));
    process.exit(0);
  }, 50);
});
