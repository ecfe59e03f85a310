import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { makeKey, runProgram } from '../test/run-program.ts';
import { testFolder } from '../test/test-folder.ts';
import { plainHostKeyLine } from './host-certificate.ts';

test.each(['ed25519', 'ecdsa', 'rsa'])('a host certificate of type %s holds the key it was made of', async (type) => {
  const folder = await testFolder();
  const authority = await makeKey(folder, 'authority');
  const key = await makeKey(folder, 'key', type);
  await runProgram('ssh-keygen', ['-q', '-s', authority, '-h', '-I', 'host', '-n', 'host', `${key}.pub`]);
  const plain = (await readFile(`${key}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  const certificate = await readFile(`${key}-cert.pub`, 'utf8');
  expect(plainHostKeyLine(certificate)).toBe(plain);
  expect(plainHostKeyLine(plain)).toBe(plain);
  const [certificateType = '', blob = ''] = certificate.split(' ');
  const cut = Buffer.from(blob, 'base64').subarray(0, 80).toString('base64');
  expect(plainHostKeyLine(`${certificateType} ${cut}`)).toBe('');
});

test.each(['', 'NONE', 'ssh-ed25519 AAAA'])('"%s" is no key', (line) => expect(plainHostKeyLine(line)).toBe(''));
