import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { makeAuthority, openssl, signedNode, TestFolder } from '../test/authority-fixture.ts';
import { splitPemChain } from './pem.ts';
import { makePkcs12 } from './pkcs12.ts';

const [first, second] = [await makeAuthority(), await makeAuthority()];
const node = await signedNode(first.authority);
const content = {
  keyPem: node.keyPem,
  chainPem: node.chainPem,
  rootsPem: first.authority.rootPem + second.authority.rootPem,
  name: 'worker1.example.org',
  password: 'correct horse',
};

/** Everything that openssl gets out of a file by the password. */
function unpacked(file: Buffer, password: string, ...options: string[]): { ok: boolean; output: string } {
  using folder = new TestFolder();
  return openssl(['pkcs12', '-in', folder.file('x.p12', file), '-passin', `pass:${password}`, '-nodes', ...options]);
}

describe('a PKCS#12 file', () => {
  it.each(['correct horse', '', 'grüße €', 'x'.repeat(200)])('is opened by openssl with the password %j', async (password) => {
    const { ok, output } = unpacked(await makePkcs12({ ...content, password }), password);
    expect(ok).toBe(true);
    const certificates = splitPemChain(output.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/gu)?.join('\n') ?? '');
    expect(certificates).toEqual([...splitPemChain(content.chainPem), ...splitPemChain(content.rootsPem)]);
    const key = /-----BEGIN PRIVATE KEY-----[^]+-----END PRIVATE KEY-----/u.exec(output)?.[0];
    expect(`${key}\n`).toBe(content.keyPem);
    expect(output).toContain('friendlyName: worker1.example.org');
  });

  it('is not opened with another password', async () => {
    expect(unpacked(await makePkcs12(content), 'wrong')).toMatchObject({
      ok: false,
      output: expect.stringContaining('Mac verify error') as string,
    });
  });

  it('says of its parts that they belong together, and is encrypted as today’s programs ask for', async () => {
    const { output } = unpacked(await makePkcs12(content), 'correct horse', '-info', '-noout');
    expect(output).toContain('MAC: sha256');
    expect(output).toContain('PKCS7 Encrypted data: PBES2, PBKDF2, AES-256-CBC');
    expect(output).toContain('Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC');
  });

  it('is taken by TLS as it is', async () => {
    const pfx = await makePkcs12(content);
    expect(() => createSecureContext({ pfx, passphrase: content.password })).not.toThrow();
    expect(() => createSecureContext({ pfx, passphrase: 'wrong' })).toThrow(/mac verify failure/u);
  });

  it('holds no key in the open, and is another one each time', async () => {
    using folder = new TestFolder();
    const [one, other] = [await makePkcs12(content), await makePkcs12(content)];
    expect(one.equals(other)).toBe(false);
    openssl(['pkey', '-in', folder.file('k.pem', content.keyPem), '-outform', 'DER', '-out', join(folder.path, 'k.der')]);
    const key = readFileSync(join(folder.path, 'k.der'));
    expect(one.includes(key.subarray(-40))).toBe(false);
    expect(one.includes(new X509Certificate(content.chainPem).raw)).toBe(false);
  });

  it('is not made of what is no key', async () => {
    await expect(makePkcs12({ ...content, keyPem: content.chainPem })).rejects.toThrow();
  });
});
