/* What the tests of this room are built from: an authority, certificates as it makes them, and certificates it would never make. */
import { spawnSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, webcrypto, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeUri } from '@muster/api/agent';
import { createAuthority, type NewAuthority } from '../src/create-authority.ts';
import { keyAlgorithm, signingAlgorithm } from '../src/ecdsa.ts';
import type { IssuedCertificate } from '../src/issue-leaf.ts';
import { makeKeyAndCsr } from '../src/key-and-csr.ts';
import { openAuthority, type Authority } from '../src/open-authority.ts';
import { AsnCertificate, Name, X509CertificateGenerator, type Extension } from '../src/x509.ts';

export const now = new Date('2026-11-20T12:00:00Z');
export const dayMs = 86_400_000;
export const nodeId = '0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071';
export const nodeName = 'worker1.example.org';

export const later = (days: number): Date => new Date(now.getTime() + days * dayMs);

export type Opened = { readonly parts: NewAuthority; readonly authority: Authority };

export async function makeAuthority(at: Date = now): Promise<Opened> {
  const parts = await createAuthority({ name: 'Muster', now: at });
  return { parts, authority: await openAuthority(parts) };
}

export type Signed = IssuedCertificate & { readonly keyPem: string };

export type SigningWish = {
  readonly name?: string;
  readonly id?: string;
  readonly addresses?: readonly string[];
  readonly lifetimeDays?: number;
  readonly at?: Date;
};

export async function signedNode(authority: Authority, wish: SigningWish = {}): Promise<Signed> {
  const name = wish.name ?? nodeName;
  const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: name });
  const issued = await authority.signNode({
    csrPem,
    nodeId: wish.id ?? nodeId,
    nodeName: name,
    addresses: wish.addresses ?? [],
    lifetimeDays: wish.lifetimeDays ?? 90,
    now: wish.at ?? now,
  });
  return { ...issued, keyPem };
}

/** Keys of kinds that nodes must not have, and of the kinds they may. */
export const keyMakers = {
  rsa1024: () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
  rsa2048: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  p192: () => generateKeyPairSync('ec', { namedCurve: 'prime192v1' }),
  secp256k1: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  p521: () => generateKeyPairSync('ec', { namedCurve: 'secp521r1' }),
  ed25519: () => generateKeyPairSync('ed25519'),
  explicitP256: () => generateKeyPairSync('ec', { namedCurve: 'prime256v1', paramEncoding: 'explicit' }),
  p256: () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  p384: () => generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
} as const satisfies Record<string, () => { publicKey: KeyObject; privateKey: KeyObject }>;

export const pkcs8 = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();

/** A certificate signed by the real intermediate that holds whatever the test puts in. */
export async function oddLeaf(
  parts: NewAuthority,
  odd: {
    readonly publicKey: KeyObject;
    readonly extensions: readonly Extension[];
    readonly commonName?: string;
    readonly notBefore?: Date;
    readonly notAfter?: Date;
  },
): Promise<string> {
  const issuerKey = createPrivateKey(parts.intermediate.keyPem).export({ format: 'der', type: 'pkcs8' });
  const certificate = await X509CertificateGenerator.create({
    serialNumber: '4142434445464748494a4b4c4d4e4f50',
    subject: new Name([{ CN: [{ utf8String: odd.commonName ?? nodeName }] }]),
    issuer: new AsnCertificate(parts.intermediate.certificatePem).subjectName,
    notBefore: odd.notBefore ?? now,
    notAfter: odd.notAfter ?? later(90),
    publicKey: odd.publicKey.export({ format: 'der', type: 'spki' }),
    signingKey: await webcrypto.subtle.importKey('pkcs8', issuerKey, keyAlgorithm, false, ['sign']),
    signingAlgorithm: { ...keyAlgorithm, ...signingAlgorithm },
    extensions: [...odd.extensions],
  });
  return `${certificate.toString('pem')}\n`;
}

/** A folder for one test's files, gone when the scope ends. */
export class TestFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'muster-trust-'));

  /** Writes a file and gives its path. */
  file(name: string, content: string | Uint8Array, mode = 0o600): string {
    const path = join(this.path, name);
    writeFileSync(path, content, { mode });
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Runs the real openssl. */
export function openssl(args: readonly string[]): { readonly ok: boolean; readonly output: string } {
  const run = spawnSync('openssl', args, { encoding: 'utf8' });
  return { ok: run.status === 0, output: `${run.stdout}${run.stderr}` };
}

/** A certificate request as `openssl req` makes it, with a key of any kind. */
export function opensslCsr(
  wish: {
    readonly key?: KeyObject;
    readonly subject?: string;
    readonly extensions?: readonly string[];
    readonly options?: readonly string[];
    readonly config?: string;
  } = {},
): string {
  using folder = new TestFolder();
  const key = folder.file('key.pem', pkcs8(wish.key ?? keyMakers.p256().privateKey));
  const config = folder.file('req.cnf', `[req]\ndistinguished_name = dn\n[dn]\n${wish.config ?? ''}`);
  const extensions = (wish.extensions ?? []).flatMap((extension) => ['-addext', extension]);
  const made = openssl([
    'req',
    '-new',
    '-config',
    config,
    '-key',
    key,
    '-subj',
    wish.subject ?? `/CN=${nodeName}`,
    ...extensions,
    ...(wish.options ?? []),
  ]);
  if (!made.ok) throw new Error(`openssl req: ${made.output}`);
  return made.output;
}

/** The URI and name extensions' content of an ordinary node. */
export const nodeNames = [
  { type: 'url', value: nodeUri(nodeId) },
  { type: 'dns', value: nodeName },
] as const;
