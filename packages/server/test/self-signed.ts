import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate for a name and for 127.0.0.1 that signs itself, made by openssl; also its path, for whoever is to trust it. */
export function selfSigned(folder: string, name = 'localhost'): { key: string; cert: string; certPath: string } {
  const [keyPath, certPath] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`];
  const names = ['-addext', `subjectAltName=DNS:${name},IP:127.0.0.1`];
  execFileSync('openssl', ['req', '-x509', ...options, ...names, '-keyout', keyPath, '-out', certPath], { stdio: 'pipe' });
  return { key: readFileSync(keyPath, 'utf8'), cert: readFileSync(certPath, 'utf8'), certPath };
}
