import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeKey } from '../test/run-program.ts';
import { makeSecurityKey } from '../test/security-keys.ts';
import { testFolder } from '../test/test-folder.ts';
import { KeyRing } from './index.ts';
import { LoginResolver } from './login-resolver.ts';
import { reasonsForOpenSsh } from './transport.ts';

async function reasonsFor(privateKeyFile: string, knownHosts = ''): Promise<string[]> {
  const file = join(await testFolder(), 'known_hosts');
  await writeFile(file, knownHosts);
  const resolver = new LoginResolver({ keys: new KeyRing({ homeFolder: '/nonexistent' }), config: { file: 'none' }, files: [file] });
  return await reasonsForOpenSsh(await resolver.resolve({ name: 'node1', address: 'web1', user: 'joe', privateKeyFile }));
}

test('a plain key needs no OpenSSH, a security key and a certificate do', async () => {
  const folder = await testFolder();
  const plain = await makeKey(folder, 'plain');
  expect(await reasonsFor(plain)).toEqual([]);
  await writeFile(`${plain}-cert.pub`, 'any');
  expect(await reasonsFor(plain)).toEqual([`the certificate ${plain}-cert.pub`]);
  await writeFile(join(folder, 'token'), makeSecurityKey('sk-ssh-ed25519@openssh.com').privateFile);
  expect(await reasonsFor(join(folder, 'token'))).toEqual([`the security key ${folder}/token`]);
});

test('a host known by an authority alone needs it, one that is also known by its key does not', async () => {
  const key = await makeKey(await testFolder(), 'key');
  const line = await readFile(`${key}.pub`, 'utf8');
  expect(await reasonsFor('/nonexistent/key', `@cert-authority web* ${line}`)).toEqual(['a host certificate']);
  expect(await reasonsFor('/nonexistent/key', `@cert-authority web* ${line}web1 ${line}`)).toEqual([]);
  expect(await reasonsFor('/nonexistent/key', `@cert-authority db* ${line}`)).toEqual([]);
});
