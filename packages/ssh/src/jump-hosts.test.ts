import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeKey } from '../test/run-program.ts';
import { startSilentServer } from '../test/silent-server.ts';
import { testFolder } from '../test/test-folder.ts';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { fanOut, type HostLogin, HostOpener, KeyRing } from './index.ts';
import { readHop } from './jump-route.ts';

/** A host that is busy takes its time to notice an end. */
const patiently = { timeout: 30_000 };

let [gate, second, inner]: TestSshd[] = [];
let knownHosts: string;
let folder: string;

beforeAll(async () => {
  // The first refuses nearly every login beyond one at a time, the innermost has sshd's own MaxStartups.
  [gate, second, inner] = await Promise.all([
    startSshd(),
    startSshd(),
    startSshd({ config: ['MaxStartups 10:30:100', 'LogLevel VERBOSE'] }),
  ]);
});

afterAll(async () => {
  await Promise.all([gate, second, inner].map(async (one) => await one?.stop()));
});

beforeEach(async () => {
  folder = await testFolder();
  knownHosts = join(folder, 'known_hosts');
  const texts = await Promise.all([gate, second, inner].map((one) => readFile(one?.knownHostsFile ?? '', 'utf8')));
  await writeFile(knownHosts, texts.join(''));
});

/** `Host NAME` for a test's sshd. */
function hostLines(name: string, sshd: TestSshd | undefined, more: readonly string[] = []): string[] {
  const lines = ['HostName 127.0.0.1', `Port ${sshd?.port}`, `User ${userInfo().username}`, `IdentityFile ${sshd?.keyFile}`];
  return [`Host ${name}`, ...lines, ...more];
}

/** An opener by a configuration with the hosts gate, second and inner; `more` stands before everything else, and so wins. */
async function openerBy(more: readonly string[] = []): Promise<HostOpener> {
  const file = join(folder, 'config');
  const hosts = [...hostLines('gate', gate), ...hostLines('second', second), ...hostLines('inner inner*', inner)];
  const lines = [...more, ...hosts, 'Host *', `UserKnownHostsFile ${knownHosts}`, 'GlobalKnownHostsFile none', 'IdentitiesOnly yes'];
  await writeFile(file, `${lines.join('\n')}\n`);
  return new HostOpener({ keys: new KeyRing({ homeFolder: folder }), config: { file } });
}

const login: HostLogin = { name: 'node1', address: 'inner' };

describe('a host behind others', () => {
  test('is reached over one hop, by ProxyJump', async () => {
    const connection = await (await openerBy(['Host inner', 'ProxyJump gate'])).open(login);
    expect((await connection.exec('echo "$HOME"')).stdout).toBe(`${inner?.homeFolder}\n`);
    expect(gate?.sessionPids()).not.toEqual([]);
    await connection.upload(Buffer.alloc(300_000, 'x'), join(inner?.homeFolder ?? '', 'file'), { mode: 0o600 });
    await connection.close();
    await expect.poll(() => [...(gate?.sessionPids() ?? []), ...(inner?.sessionPids() ?? [])], patiently).toEqual([]);
  });

  test.each([
    ['listed one after the other', ['Host inner', 'ProxyJump gate,second']],
    ['each naming the one before it', ['Host inner', 'ProxyJump second', 'Host second', 'ProxyJump gate']],
  ])('is reached over two hops %s', async (_name, lines) => {
    const connection = await (await openerBy(lines)).open(login);
    expect((await connection.exec('echo through')).stdout).toBe('through\n');
    expect([gate, second].map((hop) => hop?.sessionPids().length === 0)).toEqual([false, false]);
    await connection.close();
    await expect.poll(() => [gate, second].flatMap((hop) => hop?.sessionPids()), patiently).toEqual([]);
  });

  test('is reached by the arguments of the inventory', async () => {
    const opener = await openerBy();
    for (const text of ['-J gate', '-o ProxyJump=gate', `-oProxyJump=ssh://gate:${gate?.port}`]) {
      const connection = await opener.open({ ...login, sshArguments: [text] });
      expect((await connection.exec('echo through')).stdout).toBe('through\n');
      await connection.close();
    }
  });

  test('forty at once, over one connection to the jump host', async () => {
    const opener = await openerBy(['Host inner*', 'ProxyJump gate']);
    const results = await fanOut(
      Array.from({ length: 40 }, (_, index) => index),
      40,
      async (index) => {
        const connection = await opener.open({ name: `node${index}`, address: `inner${index}` });
        const { stdout } = await connection.exec(['echo', String(index)]);
        await connection.close();
        return stdout;
      },
    );
    expect(results.filter((result) => result.status !== 'done')).toEqual([]);
    expect(gate?.log().match(/Accepted publickey/gu)?.length ?? 0).toBeLessThan(10);
    expect(inner?.log()).not.toMatch(/drop connection/u);
  });
});

describe('a jump host that drops logins (MaxStartups)', () => {
  test('is dialled again until it lets in', async () => {
    const busy = await startSshd({ config: ['MaxStartups 1:100:1', 'LogLevel VERBOSE'] });
    const knownBusy = await readFile(busy.knownHostsFile, 'utf8');
    await writeFile(knownHosts, `${knownBusy}${await readFile(inner?.knownHostsFile ?? '', 'utf8')}`);
    // Somebody who connects and does not log in takes the only place.
    const idle = connect({ host: '127.0.0.1', port: busy.port });
    await once(idle, 'data');
    const opening = (await openerBy(['Host inner', 'ProxyJump busy', ...hostLines('busy', busy)])).open(login);
    await expect.poll(() => busy.log(), patiently).toMatch(/drop connection/u);
    idle.destroy();
    const connection = await opening;
    expect((await connection.exec('echo through')).stdout).toBe('through\n');
    await connection.close();
    await busy.stop();
  });
});

describe('a jump host that fails is named', () => {
  test('when its key is another one', async () => {
    await writeFile(knownHosts, `[127.0.0.1]:${gate?.port} ${await readFile(`${await makeKey(folder, 'other')}.pub`, 'utf8')}`);
    await expect((await openerBy(['Host inner', 'ProxyJump gate'])).open(login)).rejects.toMatchObject({
      kind: 'hostKeyChanged',
      host: { name: 'node1' },
      what: expect.stringMatching(/^its jump host gate \(127\.0\.0\.1:\d+\) failed: the host key has changed/u),
    });
  });

  test('when it is down', async () => {
    await expect((await openerBy(['Host inner', 'ProxyJump gate', 'Host gate', 'Port 1'])).open(login)).rejects.toMatchObject({
      kind: 'unreachable',
      what: 'its jump host gate (127.0.0.1:1) failed: cannot connect: ECONNREFUSED',
    });
  });

  test('when it stays silent, within its own time limit', async () => {
    const silent = await startSilentServer();
    const lines = ['Host inner', 'ProxyJump gate', 'Host gate', `Port ${silent.port}`, 'ConnectTimeout 1'];
    await expect((await openerBy(lines)).open(login)).rejects.toMatchObject({
      kind: 'timeout',
      what: expect.stringMatching(/^its jump host gate .* within 1 s/u),
    });
    silent.close();
  });

  test('when it is the second of two', async () => {
    const lines = ['Host inner', 'ProxyJump gate,second', 'Host second', 'Port 1'];
    await expect((await openerBy(lines)).open(login)).rejects.toMatchObject({
      kind: 'unreachable',
      host: { name: 'node1' },
      what: expect.stringMatching(/^its jump host second \(127\.0\.0\.1:1\) failed: the jump host gate .* does not lead to it: /u),
    });
  });

  test('when it does not let the login in', async () => {
    const stranger = await makeKey(folder, 'stranger');
    await expect(
      (await openerBy(['Host inner', 'ProxyJump gate', 'Host gate', `IdentityFile ${stranger}`, 'User nobody-here'])).open(login),
    ).rejects.toMatchObject({
      kind: 'authFailed',
      what: expect.stringMatching(/^its jump host gate .* failed: login as nobody-here was refused/u),
    });
  });

  test('when it forbids to go on', async () => {
    const strict = await startSshd({ config: ['AllowTcpForwarding no'] });
    await writeFile(knownHosts, await readFile(strict.knownHostsFile));
    const lines = ['Host inner', 'ProxyJump strict', ...hostLines('strict', strict)];
    await expect((await openerBy(lines)).open(login)).rejects.toMatchObject({
      kind: 'unreachable',
      what: expect.stringMatching(/^the jump host strict .* does not lead to it/u),
      advice: expect.stringContaining('AllowTcpForwarding'),
    });
    await strict.stop();
  });

  test('when it drops in the middle of a run: never a success, and the next one dials it anew', async () => {
    const opener = await openerBy(['Host inner', 'ProxyJump gate']);
    const connection = await opener.open(login);
    const running = connection.exec('echo begun; sleep 30', { label: 'long work' });
    const uploading = connection.upload(endless(), join(inner?.homeFolder ?? '', 'never'), { mode: 0o600 });
    const ends = Promise.allSettled([running, uploading]);
    await sleep(300);
    gate?.sessionPids().forEach((pid) => process.kill(pid, 'SIGKILL'));
    for (const end of await ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: { kind: 'connectionLost', host: { name: 'node1' } } });
    }
    expect(await connection.closed).toMatchObject({ what: expect.stringMatching(/the jump host gate \(127\.0\.0\.1:\d+\) is gone/u) });
    await connection.close();
    const again = await opener.open(login);
    expect((await again.exec('echo again')).stdout).toBe('again\n');
    await again.close();
  });

  test('when it freezes, it is found out by keepalive', async () => {
    const opener = await openerBy(['Host inner', 'ProxyJump gate', 'Host gate', 'ServerAliveInterval 1', 'ServerAliveCountMax 1']);
    const connection = await opener.open(login);
    const running = connection.exec('sleep 30');
    const end = expect(running).rejects.toMatchObject({ kind: 'connectionLost' });
    await sleep(300);
    const frozen = gate?.sessionPids() ?? [];
    frozen.forEach((pid) => process.kill(pid, 'SIGSTOP'));
    await end;
    frozen.forEach((pid) => process.kill(pid, 'SIGKILL'));
    await connection.close();
  });

  test('when the way leads in circles', async () => {
    await expect((await openerBy(['Host *', 'ProxyJump gate'])).open(login)).rejects.toMatchObject({
      kind: 'badInput',
      what: 'its jump hosts lead in circles (gate)',
    });
  });
});

describe('a hop as OpenSSH writes it', () => {
  test.each([
    ['gate', { address: 'gate' }],
    ['joe@gate:2200', { address: 'gate', user: 'joe', port: 2200 }],
    ['[fe80::1%eth0]:22', { address: 'fe80::1%eth0', port: 22 }],
    ['ssh://joe@gate:2200', { address: 'gate', user: 'joe', port: 2200 }],
  ])('%s', (text, hop) => expect(readHop({ name: 'a', address: 'a', port: 22 }, text)).toMatchObject(hop));

  test.each(['', 'a b', 'gate:x', 'ssh://'])('%s is none', (text) => {
    expect(() => readHop({ name: 'a', address: 'a', port: 22 }, text)).toThrow(expect.objectContaining({ kind: 'badInput' }));
  });
});

/** Content with a size that never comes to its end. */
function endless(): { sizeBytes: number; sha256: string; open(): AsyncIterable<Uint8Array> } {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      await sleep(20);
      yield Buffer.alloc(1000);
    }
  }
  return { sizeBytes: 1e9, sha256: '0'.repeat(64), open: chunks };
}
