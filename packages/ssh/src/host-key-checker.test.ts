import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { makeKey, readPublicKey, runProgram } from '../test/run-program.ts';
import { testFolder } from '../test/test-folder.ts';
import { createHostKeyChecker, fingerprint, type HostKeyCheckerOptions } from './index.ts';

const HOST = { name: 'node1', address: '10.0.0.1', port: 22 };
const OTHER_PORT = { ...HOST, port: 2222 };

let folder: string;
let file: string;
let keyA: Buffer;
let keyB: Buffer;
let ecdsa: Buffer;

beforeEach(async () => {
  folder = await testFolder();
  file = join(folder, 'ssh', 'known_hosts');
  [keyA, keyB, ecdsa] = await Promise.all([
    makeKey(folder, 'a').then(readPublicKey),
    makeKey(folder, 'b').then(readPublicKey),
    makeKey(folder, 'c', 'ecdsa').then(readPublicKey),
  ]);
});

function line(hosts: string, key: Buffer): string {
  const type = key === ecdsa ? 'ecdsa-sha2-nistp256' : 'ssh-ed25519';
  return `${hosts} ${type} ${key.toString('base64')}`;
}

async function checkerOver(
  text: string | undefined,
  options: Partial<HostKeyCheckerOptions> = {},
): Promise<ReturnType<typeof createHostKeyChecker>> {
  if (text !== undefined) {
    await runProgram('mkdir', ['-p', join(folder, 'ssh')]);
    await writeFile(file, text);
  }
  return createHostKeyChecker({ policy: 'ask', files: [file], ...options });
}

describe('a known key', () => {
  test.each([
    ['plain', (key: Buffer) => line('10.0.0.1', key)],
    ['in a list', (key: Buffer) => line('node1,10.0.0.1,x', key)],
    ['by a pattern', (key: Buffer) => line('10.0.*', key)],
    ['after another key of its type', (key: Buffer) => `${line('10.0.0.1', keyB)}\n${line('10.0.0.1', key)}`],
  ])('%s is accepted without a question', async (_name, text) => {
    const confirmHostKey = vi.fn(async () => true);
    const checker = await checkerOver(`${text(keyA)}\n`, { confirmHostKey });
    expect(await checker.verify(HOST, keyA)).toBe('accepted');
    expect(confirmHostKey).not.toHaveBeenCalled();
  });

  test('hashed by ssh-keygen is accepted', async () => {
    await checkerOver(`${line('10.0.0.1', keyA)}\n${line('[10.0.0.1]:2222', keyB)}\n`);
    await runProgram('ssh-keygen', ['-q', '-H', '-f', file]);
    const checker = createHostKeyChecker({ policy: 'ask', files: [file] });
    expect(await checker.verify(HOST, keyA)).toBe('accepted');
    expect(await checker.verify(OTHER_PORT, keyB)).toBe('accepted');
  });

  test('in a second file is accepted', async () => {
    const second = join(folder, 'second');
    await writeFile(second, line('10.0.0.1', keyA));
    const checker = createHostKeyChecker({ policy: 'ask', files: [file, second] });
    expect(await checker.verify(HOST, keyA)).toBe('accepted');
  });

  test('without a port confirms the host on another port, but never makes it a changed one', async () => {
    const checker = await checkerOver(line('10.0.0.1', keyA));
    expect(await checker.verify(OTHER_PORT, keyA)).toBe('accepted');
    await expect(checker.verify(OTHER_PORT, keyB)).rejects.toMatchObject({ kind: 'hostKeyUnknown' });
  });

  test('filed under an alias is found there only', async () => {
    const checker = await checkerOver(line('cluster-a', keyA));
    expect(await checker.verify({ ...HOST, hostKeyAlias: 'Cluster-A' }, keyA)).toBe('accepted');
    await expect(checker.verify(HOST, keyA)).rejects.toMatchObject({ kind: 'hostKeyUnknown' });
  });

  test('its type is offered first, so that a host with several keys shows it', async () => {
    const checker = await checkerOver(`${line('10.0.0.1', ecdsa)}\n@revoked * ${line('', keyA).trim()}`);
    expect((await checker.algorithmsFor(HOST)).slice(0, 2)).toEqual(['ecdsa-sha2-nistp256', 'ssh-ed25519']);
    expect((await checker.algorithmsFor({ ...HOST, address: '10.0.0.2' }))[0]).toBe('ssh-ed25519');
    expect(await checker.algorithmsFor(HOST)).not.toContain('ssh-rsa');
  });
});

describe('a changed key', () => {
  test('is refused with both fingerprints, the place and the way out', async () => {
    const checker = await checkerOver(`# first\n${line('[10.0.0.1]:2222', keyA)}\n`, { policy: 'acceptNew' });
    const before = await readFile(file, 'utf8');
    const error: unknown = await checker.verify(OTHER_PORT, keyB).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'hostKeyChanged' });
    expect(String(error)).toContain(`${file}:2 knows ssh-ed25519 ${fingerprint(keyA)}`);
    expect(String(error)).toContain(`the host shows ssh-ed25519 ${fingerprint(keyB)}`);
    expect(String(error)).toContain(`ssh-keygen -f "${file}" -R "[10.0.0.1]:2222"`);
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  test('and the way out is one: after it the host is a new one', async () => {
    await checkerOver(`${line('[10.0.0.1]:2222', keyA)}\n`);
    await runProgram('ssh-keygen', ['-f', file, '-R', '[10.0.0.1]:2222']);
    const checker = createHostKeyChecker({ policy: 'acceptNew', files: [file] });
    expect(await checker.verify(OTHER_PORT, keyB)).toBe('accepted');
  });

  test('passes under policy no, marked as suspect', async () => {
    const checker = await checkerOver(line('10.0.0.1', keyA), { policy: 'no' });
    expect(await checker.verify(HOST, keyB)).toBe('suspect');
  });

  test('is not asked about', async () => {
    const confirmHostKey = vi.fn(async () => true);
    const checker = await checkerOver(line('10.0.0.1', keyA), { confirmHostKey });
    await expect(checker.verify(HOST, keyB)).rejects.toMatchObject({ kind: 'hostKeyChanged' });
    expect(confirmHostKey).not.toHaveBeenCalled();
  });
});

describe('a revoked key', () => {
  test.each(['ask', 'acceptNew', 'no'] as const)('is refused under policy %s, even when another line knows it', async (policy) => {
    const checker = await checkerOver(`${line('10.0.0.1', keyA)}\n@revoked ${line('*', keyA)}\n`, { policy });
    await expect(checker.verify(HOST, keyA)).rejects.toMatchObject({ kind: 'hostKeyRevoked', what: expect.stringContaining(`${file}:2`) });
  });
});

describe('an unknown key', () => {
  test('fails with its fingerprint and the way out where nobody can be asked', async () => {
    const checker = await checkerOver(undefined);
    const error: unknown = await checker.verify(HOST, keyA).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'hostKeyUnknown' });
    expect(String(error)).toContain(`node1 (10.0.0.1:22): the host key is not known: ssh-ed25519 ${fingerprint(keyA)}.`);
    expect(String(error)).toContain('--accept-new');
  });

  test('is asked about once, however many connections want it, and remembered', async () => {
    const confirmHostKey = vi.fn(async () => true);
    const checker = await checkerOver(undefined, { confirmHostKey });
    await Promise.all(Array.from({ length: 10 }, () => checker.verify(HOST, keyA)));
    expect(confirmHostKey).toHaveBeenCalledTimes(1);
    expect(confirmHostKey).toHaveBeenCalledWith({
      host: HOST,
      keyType: 'ssh-ed25519',
      fingerprint: fingerprint(keyA),
      text: `The authenticity of node1 (10.0.0.1:22) can't be established: ssh-ed25519 key fingerprint is ${fingerprint(keyA)}.`,
    });
    expect(await readFile(file, 'utf8')).toBe(`${line('10.0.0.1', keyA)}\n`);
  });

  test('questions come one after the other', async () => {
    let open = 0;
    const confirmHostKey = vi.fn(async () => {
      open += 1;
      expect(open).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 10));
      open -= 1;
      return true;
    });
    const checker = await checkerOver(undefined, { confirmHostKey });
    await Promise.all(Array.from({ length: 5 }, (_, index) => checker.verify({ ...HOST, address: `10.0.0.${index}` }, keyA)));
    expect(confirmHostKey).toHaveBeenCalledTimes(5);
  });

  test('is refused when the answer is no, and not remembered', async () => {
    const checker = await checkerOver(undefined, { confirmHostKey: async () => false });
    await expect(checker.verify(HOST, keyA)).rejects.toMatchObject({ kind: 'hostKeyUnknown' });
    expect(await readFile(file, 'utf8').catch(() => 'none')).toBe('none');
  });

  test('passes under policy no, and nothing is written', async () => {
    const checker = await checkerOver(undefined, { policy: 'no' });
    expect(await checker.verify(HOST, keyA)).toBe('accepted');
    await expect(stat(file)).rejects.toThrow();
  });
});

describe('accepting new hosts', () => {
  test('makes file and folder for the user alone; ssh-keygen finds the host', async () => {
    const checker = await checkerOver(undefined, { policy: 'acceptNew' });
    await checker.verify(OTHER_PORT, keyA);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'ssh'))).mode & 0o777).toBe(0o700);
    expect(await runProgram('ssh-keygen', ['-F', '[10.0.0.1]:2222', '-f', file])).toContain(keyA.toString('base64'));
  });

  test('keeps every other line, also a last one without an end', async () => {
    const text = `# mine\n\nbroken line\n${line('other', keyB)}`;
    const checker = await checkerOver(text, { policy: 'acceptNew' });
    await checker.verify(HOST, keyA);
    expect(await readFile(file, 'utf8')).toBe(`${text}\n${line('10.0.0.1', keyA)}\n`);
  });

  test("hashes the name where the file's lines are hashed", async () => {
    await checkerOver(`${line('other', keyB)}\n`);
    await runProgram('ssh-keygen', ['-q', '-H', '-f', file]);
    const checker = createHostKeyChecker({ policy: 'acceptNew', files: [file] });
    await checker.verify(HOST, keyA);
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain('10.0.0.1');
    expect(await runProgram('ssh-keygen', ['-F', '10.0.0.1', '-f', file])).toContain(keyA.toString('base64'));
  });

  test("by several processes' worth of checkers at once loses no line and doubles none", async () => {
    const checkers = await Promise.all(Array.from({ length: 6 }, () => checkerOver(undefined, { policy: 'acceptNew' })));
    const hosts = Array.from({ length: 10 }, (_, index) => ({ ...HOST, address: `10.0.1.${index}` }));
    await Promise.all(checkers.flatMap((checker) => hosts.map((host) => checker.verify(host, keyA))));
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n').toSorted();
    expect(lines).toEqual(hosts.map((host) => line(host.address, keyA)).toSorted());
  });

  test('is not extended to a host known by keys of other types, which is neither changed nor new', async () => {
    const checker = await checkerOver(`${line('10.0.0.1', ecdsa)}\n`, { policy: 'acceptNew' });
    await expect(checker.verify(HOST, keyA)).rejects.toMatchObject({
      kind: 'hostKeyUnknown',
      what: expect.stringContaining(`known are keys of other types, which the host no longer shows (ecdsa-sha2-nistp256 in ${file}:1)`),
    });
  });
});

describe('what cannot be used', () => {
  test('a certificate authority is recognised and said to be of no help', async () => {
    const checker = await checkerOver(`@cert-authority ${line('10.*', keyB)}\n`);
    await expect(checker.verify(HOST, keyA)).rejects.toMatchObject({
      kind: 'hostKeyUnknown',
      what: expect.stringMatching(/:1 trusts a certificate authority for it, but host certificates are not supported/),
    });
  });

  test('a file that cannot be read is an error: a revoked key may stand in it', async () => {
    const checker = createHostKeyChecker({ policy: 'no', files: [folder] });
    await expect(checker.verify(HOST, keyA)).rejects.toMatchObject({ kind: 'knownHostsUnusable' });
    await expect(checker.algorithmsFor(HOST)).rejects.toMatchObject({ kind: 'knownHostsUnusable' });
  });

  test('a file that cannot be written is an error too', async () => {
    const checker = createHostKeyChecker({ policy: 'acceptNew', files: ['/nonexistent/.ssh/known_hosts'] });
    await expect(checker.verify(HOST, keyA)).rejects.toMatchObject({ kind: 'knownHostsUnusable' });
  });
});
