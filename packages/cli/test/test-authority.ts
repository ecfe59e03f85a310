import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate authority of openssl's, and the certificate of a server by it. */
export type TestAuthority = { readonly fingerprint: string; readonly caPem: string; readonly chainPem: string; readonly keyPem: string };

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Makes an authority and a server's certificate with these names; the chain ends with the authority, as Muster's servers show it. */
export function testAuthority(names = 'DNS:server.muster.internal,IP:127.0.0.1', days = '2'): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'muster-authority-'));
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  try {
    run('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test', '-days', '2');
    run('req', ...newKey, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=server');
    writeFileSync(join(folder, 'names'), `subjectAltName=${names}\n`);
    run(
      'x509',
      '-req',
      '-in',
      'leaf.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      days,
      '-extfile',
      'names',
      '-out',
      'leaf.pem',
    );
    const caPem = read('ca.pem');
    const fingerprint = new X509Certificate(caPem).fingerprint256.replaceAll(':', '').toLowerCase();
    return { fingerprint, caPem, chainPem: read('leaf.pem') + caPem, keyPem: read('leaf.key') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
