import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addIdentity, Crash, crashingFiles, nodeName } from '../../test/enrolled-node.ts';
import { makeFakeAuthority, type FakeAuthority } from '../../test/fake-authority.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { readRoots, type Root } from '../identity/certificate-chain.ts';
import type { Identity } from '../state/identity.ts';
import { PublishedFolder } from './published-folder.ts';

let authority: FakeAuthority;
let other: FakeAuthority;
beforeAll(async () => {
  authority = await makeFakeAuthority();
  other = await makeFakeAuthority();
});

let stateDir: string;
let pki: string;
beforeEach(() => {
  stateDir = temporaryFolder();
  pki = join(stateDir, 'pki');
  mkdirSync(pki, { mode: 0o755 });
});

const rootsOf = (...all: FakeAuthority[]): readonly Root[] => readRoots(all.map((one) => one.authority.rootPem).join(''));
const newIdentity = (): Promise<Identity> => addIdentity(authority, stateDir);
const folder = (): PublishedFolder => new PublishedFolder(pki, stateDir);
const read = (name: string): string => readFileSync(join(pki, 'current', name), 'utf8');
const modeOf = (name: string): string => (statSync(join(pki, 'current', name)).mode & 0o7777).toString(8);

/** Whether key, certificate and roots of what is published belong together. */
function isWhole(identity: Identity, roots: readonly Root[]): void {
  expect(read('key.pem')).toBe(identity.keyPem);
  expect(read('chain.pem')).toBe(identity.chainPem);
  expect(read('bundle.pem')).toBe(identity.keyPem + identity.chainPem);
  expect(identity.chainPem).toContain(read('cert.pem').trim());
  expect(read('ca.pem')).toBe(roots.map((one) => one.pem).join(''));
  createSecureContext({ key: read('key.pem'), cert: read('chain.pem'), ca: read('ca.pem') });
  createSecureContext({ pfx: readFileSync(join(pki, 'current', 'keystore.p12')), passphrase: read('keystore-password') });
}

describe('the folder for the services of a host', () => {
  it('holds key, certificate and roots as PEM and as PKCS#12, and openssl reads it', async () => {
    const identity = await newIdentity();
    expect(await folder().publish({ identity, roots: rootsOf(authority), nodeName })).toBe(true);
    isWhole(identity, rootsOf(authority));
    const current = join(pki, 'current');
    const openssl = (...args: string[]): string => execFileSync('openssl', args, { cwd: current, encoding: 'utf8' });
    expect(openssl('verify', '-CAfile', 'ca.pem', '-untrusted', 'chain.pem', 'cert.pem')).toContain('cert.pem: OK');
    const inside = openssl('pkcs12', '-in', 'keystore.p12', '-passin', 'file:keystore-password', '-nodes');
    expect(inside).toContain(`friendlyName: ${nodeName}`);
    expect(inside.match(/BEGIN CERTIFICATE/gu)).toHaveLength(3);
  });

  it('is turned to a new certificate in one step, and keeps what was there before for who reads it', async () => {
    const [first, second, third] = [await newIdentity(), await newIdentity(), await newIdentity()];
    const names: string[] = [];
    for (const identity of [first, second, third]) {
      await folder().publish({ identity, roots: rootsOf(authority), nodeName });
      isWhole(identity, rootsOf(authority));
      names.push(readlinkSync(join(pki, 'current')));
    }
    expect(new Set(names).size).toBe(3);
    expect(new Set(readdirSync(pki))).toEqual(new Set([names[1], names[2], 'current']));
  });

  it('changes with the roots too, and not when nothing is new', async () => {
    const identity = await newIdentity();
    await folder().publish({ identity, roots: rootsOf(authority), nodeName });
    const before = readlinkSync(join(pki, 'current'));
    const keystore = readFileSync(join(pki, 'current', 'keystore.p12'));
    await folder().publish({ identity, roots: rootsOf(authority), nodeName });
    expect(readlinkSync(join(pki, 'current'))).toBe(before);
    expect(readFileSync(join(pki, 'current', 'keystore.p12')).equals(keystore)).toBe(true);
    await folder().publish({ identity, roots: rootsOf(authority, other), nodeName });
    isWhole(identity, rootsOf(authority, other));
    expect(readlinkSync(join(pki, 'current'))).not.toBe(before);
  });

  it('keeps the password of the keystore over every rotation', async () => {
    const passwords = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      await folder().publish({ identity: await newIdentity(), roots: rootsOf(authority), nodeName });
      passwords.add(read('keystore-password'));
    }
    expect([...passwords]).toEqual([expect.stringMatching(/^[A-Za-z0-9_-]{32}$/u)]);
    writeFileSync(join(stateDir, 'keystore-password'), '');
    await folder().publish({ identity: await newIdentity(), roots: rootsOf(authority), nodeName });
    expect(read('keystore-password')).toHaveLength(32);
  });

  it('shows the key to nobody else, unless the folder belongs to a group', async () => {
    const before = process.umask(0o077);
    try {
      await folder().publish({ identity: await newIdentity(), roots: rootsOf(authority), nodeName });
    } finally {
      process.umask(before);
    }
    const secret = ['key.pem', 'bundle.pem', 'keystore.p12', 'keystore-password'];
    expect(secret.map(modeOf)).toEqual(['600', '600', '600', '600']);
    expect(['cert.pem', 'chain.pem', 'ca.pem', '.'].map(modeOf)).toEqual(['644', '644', '644', '755']);
  });

  it('is not used when others may write to it, and is not needed', async () => {
    const identity = await newIdentity();
    chmodSync(pki, 0o777);
    await expect(folder().publish({ identity, roots: rootsOf(authority), nodeName })).rejects.toThrow(/nobody else may write/u);
    const none = new PublishedFolder(join(stateDir, 'none'), stateDir);
    expect(await none.publish({ identity, roots: rootsOf(authority), nodeName })).toBe(false);
    writeFileSync(join(stateDir, 'file'), '');
    await expect(
      new PublishedFolder(join(stateDir, 'file'), stateDir).publish({ identity, roots: rootsOf(authority), nodeName }),
    ).rejects.toThrow(/must be a folder/u);
  });

  it('is whole after a crash at any write, and the next start completes it', async () => {
    const [first, second] = [await newIdentity(), await newIdentity()];
    await folder().publish({ identity: first, roots: rootsOf(authority), nodeName });
    const wanted = { identity: second, roots: rootsOf(authority, other), nodeName };
    let at = 1;
    for (let crashed = true; crashed; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const crash = crashingFiles(at, when);
        await new PublishedFolder(pki, stateDir, crash.files)
          .publish(wanted)
          .catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
        crashed = crash.crashed();
        const isTurned = read('key.pem') === second.keyPem;
        isWhole(isTurned ? second : first, isTurned ? wanted.roots : rootsOf(authority));
        await folder().publish(wanted);
        isWhole(second, wanted.roots);
        // Back to the beginning for the next crash.
        await folder().publish({ identity: first, roots: rootsOf(authority), nodeName });
        await folder().publish({ identity: await newIdentity(), roots: rootsOf(authority), nodeName });
        await folder().publish({ identity: first, roots: rootsOf(authority), nodeName });
      }
    }
    expect(at).toBeGreaterThan(10);
  });
});

const isRoot = process.getuid?.() === 0;

describe.runIf(isRoot)('as root', () => {
  it('lets the group of the folder read the key, whatever the process may do otherwise', async () => {
    const group = 4242;
    chownSync(pki, 0, group);
    chmodSync(pki, 0o2755);
    const before = process.umask(0o077);
    try {
      await folder().publish({ identity: await newIdentity(), roots: rootsOf(authority), nodeName });
    } finally {
      process.umask(before);
    }
    const of = (name: string) => statSync(join(pki, 'current', name));
    expect(['key.pem', 'bundle.pem', 'keystore.p12', 'keystore-password'].map((name) => [modeOf(name), of(name).gid])).toEqual(
      Array.from({ length: 4 }, () => ['640', group]),
    );
    expect([modeOf('.'), of('.').gid]).toEqual(['2755', group]);
  });

  it('is not used when the folder belongs to somebody else', async () => {
    chownSync(pki, 4242, 0);
    await expect(folder().publish({ identity: await newIdentity(), roots: rootsOf(authority), nodeName })).rejects.toThrow(
      /belongs to the user/u,
    );
  });
});
