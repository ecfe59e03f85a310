import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewAuthority } from '@muster/trust';

export type OddWish = {
  readonly commonName: string;
  /** As openssl writes it: `URI:urn:muster:node:...,DNS:worker1`. */
  readonly names: string;
  readonly key?: 'p256' | 'rsa2048';
};

/** A certificate of the real intermediate that this installation would never sign, made by openssl; without parts it signs itself. */
export function oddCertificate(wish: OddWish, parts?: NewAuthority): { keyPem: string; chainPem: string } {
  const folder = mkdtempSync(join(tmpdir(), 'muster-odd-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  try {
    const algorithm = wish.key === 'rsa2048' ? ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] : ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    openssl('genpkey', '-algorithm', ...algorithm, '-out', 'key.pem');
    file('req.cnf', '[req]\ndistinguished_name = dn\n[dn]\n');
    const extensions = `subjectAltName=${wish.names}\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth,serverAuth\n`;
    file('ext.cnf', extensions);
    openssl('req', '-new', '-config', 'req.cnf', '-key', 'key.pem', '-subj', `/CN=${wish.commonName}`, '-out', 'csr.pem');
    const signing = ['x509', '-req', '-in', 'csr.pem', '-days', '30', '-extfile', 'ext.cnf', '-out', 'leaf.pem'];
    if (parts === undefined) {
      openssl(...signing, '-key', 'key.pem');
    } else {
      file('ca.pem', parts.intermediate.certificatePem);
      file('ca.key', parts.intermediate.keyPem);
      openssl(...signing, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '0x4142434445464748494a4b4c4d4e4f50');
    }
    const leaf = readFileSync(join(folder, 'leaf.pem'), 'utf8');
    return { keyPem: readFileSync(join(folder, 'key.pem'), 'utf8'), chainPem: leaf + (parts?.intermediate.certificatePem ?? '') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
