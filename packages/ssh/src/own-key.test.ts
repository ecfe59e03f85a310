import { generateKeyPairSync } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../test/run-program.ts';
import { testFolder } from '../test/test-folder.ts';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { KeyRing, makeOwnKey, openConnection, publicKeyOf } from './index.ts';
import { openSshFormOf } from './own-key.ts';

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

describe('an own key', () => {
  test('is read by ssh-keygen in its OpenSSH form, with the same public half', async () => {
    const folder = await testFolder();
    const file = join(folder, 'key');
    for (let round = 0; round < 5; round += 1) {
      const { privateKeyPem, publicKey } = makeOwnKey();
      await writeFile(file, openSshFormOf(privateKeyPem), { mode: 0o600 });
      expect((await runProgram('ssh-keygen', ['-y', '-f', file])).trim()).toBe(publicKey);
      expect(publicKeyOf(privateKeyPem)).toBe(publicKey);
    }
  });

  test('is another one each time', () => {
    expect(makeOwnKey().publicKey).not.toBe(makeOwnKey().publicKey);
  });

  test('logs in where it is authorised, and is the only way that is tried', async () => {
    const { privateKeyPem, publicKey } = makeOwnKey();
    const target = sshd.target({ ownKeyPem: privateKeyPem });
    // The file of the target would be let in: it must not be tried.
    const refused = await openConnection(target, sshd.options()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ kind: 'authFailed' });
    expect(String(refused)).not.toContain(sshd.keyFile);
    expect(String(refused)).not.toContain('PRIVATE KEY');
    await appendFile(join(sshd.folder, 'authorized_keys'), `${publicKey} of its own\n`);
    const connection = await openConnection(target, sshd.options({ keys: new KeyRing({ homeFolder: '/nonexistent' }) }));
    expect((await connection.exec('echo in')).stdout).toBe('in\n');
    await connection.close();
  });

  test('is nothing but Ed25519', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    expect(() => publicKeyOf(pem)).toThrow('an own SSH key is Ed25519, not ec');
  });
});
