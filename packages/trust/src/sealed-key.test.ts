import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFolder, pkcs8 } from '../test/authority-fixture.ts';
import { keyFileProtector } from './key-protector.ts';
import { loadOrCreateMasterKey, type MasterKey } from './master-key.ts';
import { openKey, sealKey } from './sealed-key.ts';
import { isTrustError } from './trust-error.ts';

const keyPem = pkcs8(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey);
const folder = new TestFolder();
let masterKey: MasterKey;
let otherKey: MasterKey;

beforeAll(async () => {
  masterKey = await loadOrCreateMasterKey(join(folder.path, 'master.key'));
  otherKey = await loadOrCreateMasterKey(join(folder.path, 'other.key'));
});
afterAll(() => folder[Symbol.dispose]());

describe('a sealed key', () => {
  it('opens to what was sealed', () => {
    expect(openKey(sealKey(keyPem, masterKey), masterKey)).toBe(keyPem);
  });

  it('names its format, is never the same twice and shows nothing', () => {
    const sealed = sealKey(keyPem, masterKey);
    expect(sealed).toMatch(/^muster-sealed-key\.v1\.[0-9a-f]{16}\.[\w-]{16}\.[\w-]+$/u);
    expect(sealKey(keyPem, masterKey)).not.toBe(sealed);
    expect(sealed).not.toContain(keyPem.split('\n')[1]?.slice(0, 20));
  });

  it('names the file when it is the wrong one', () => {
    const open = (): string => openKey(sealKey(keyPem, masterKey), otherKey);
    expect(open).toThrow(otherKey.path);
    expect(open).toThrow(masterKey.id);
    expect(open).toThrow(expect.objectContaining({ code: 'wrong-master-key' }));
  });

  it('is not opened under another key’s id', () => {
    const sealed = sealKey(keyPem, masterKey).replace(masterKey.id, otherKey.id);
    expect(() => openKey(sealed, otherKey)).toThrow(expect.objectContaining({ code: 'sealed-key-damaged' }));
  });

  it('of a newer version is told apart from a damaged one', () => {
    const sealed = sealKey(keyPem, masterKey);
    expect(() => openKey(sealed.replace('.v1.', '.v2.'), masterKey)).toThrow(
      expect.objectContaining({ code: 'sealed-key-of-other-version' }),
    );
    for (const damaged of [
      '',
      'x',
      keyPem,
      `${sealed}.x`,
      sealed.slice(0, 60),
      'muster-sealed-key',
      `muster-sealed-key.v1.${masterKey.id}.AAAA.AAAA`,
    ]) {
      expect(() => openKey(damaged, masterKey)).toThrow(expect.objectContaining({ code: 'sealed-key-damaged' }));
    }
  });

  it('does not open when a single character was changed', () => {
    const sealed = sealKey(keyPem, masterKey);
    expect(() =>
      fc.assert(
        fc.property(fc.nat(sealed.length - 1), fc.constantFrom('A', 'z', '0', '9', '-', '_', '.'), (at, character) => {
          const changed = sealed.slice(0, at) + character + sealed.slice(at + 1);
          try {
            // The last character of base64url carries bits that mean nothing; the content is then unchanged.
            return openKey(changed, masterKey) === keyPem && (changed === sealed || at === sealed.length - 1);
          } catch (error) {
            return isTrustError(error, 'sealed-key-damaged', 'wrong-master-key', 'sealed-key-of-other-version');
          }
        }),
        { numRuns: 2000 },
      ),
    ).not.toThrow();
  });

  it('is a private key and nothing else', () => {
    for (const text of ['', 'secret', keyPem + keyPem, keyPem.replaceAll('PRIVATE KEY', 'EC PRIVATE KEY'), keyPem.replace('END', '')]) {
      expect(() => sealKey(text, masterKey)).toThrow(expect.objectContaining({ code: 'private-key-malformed' }));
    }
  });
});

describe('protection by a key file', () => {
  it('seals and opens, and says what it is', async () => {
    const protector = keyFileProtector(masterKey);
    expect(protector.description).toBe(`key file ${masterKey.path}`);
    await expect(protector.open(await protector.seal(keyPem))).resolves.toBe(keyPem);
    await expect(keyFileProtector(otherKey).open(sealKey(keyPem, masterKey))).rejects.toMatchObject({ code: 'wrong-master-key' });
  });
});
