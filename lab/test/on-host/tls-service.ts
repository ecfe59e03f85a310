/* A service of a host that uses the node's certificate, and asks its clients for one of the same authority. Run there by the agent's own Node. */
import { readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:tls';

const pki = '/etc/muster/pki';

/** All files of one generation: the link is resolved once. */
function credentials(): { key: Buffer; cert: Buffer; ca: Buffer } {
  const folder = `${pki}/${readlinkSync(`${pki}/current`)}`;
  return { key: readFileSync(`${folder}/key.pem`), cert: readFileSync(`${folder}/chain.pem`), ca: readFileSync(`${folder}/ca.pem`) };
}

const server = createServer({ ...credentials(), requestCert: true, rejectUnauthorized: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.end('served\n');
});
server.on('tlsClientError', (error) => process.stderr.write(`${error.message}\n`));
process.on('SIGHUP', () => server.setSecureContext(credentials()));
server.listen(8443);
