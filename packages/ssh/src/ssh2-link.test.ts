import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerChannel } from 'ssh2';
import { afterEach, expect, test } from 'vitest';
import { type FakeSshServer, startFakeSshServer } from '../test/fake-ssh-server.ts';
import { startSshd, type TestSshd, type TestSshdOptions } from '../test/test-sshd.ts';
import { type Connection, createHostKeyChecker, KeyRing, openConnection, type SshTarget } from './index.ts';

const sshds: TestSshd[] = [];
const fakes: FakeSshServer[] = [];

afterEach(async () => {
  fakes.splice(0).forEach((fake) => fake.close());
  await Promise.all(sshds.splice(0).map((sshd) => sshd.stop()));
});

async function start(options?: TestSshdOptions): Promise<TestSshd> {
  const sshd = await startSshd(options);
  sshds.push(sshd);
  return sshd;
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  pids.forEach((pid) => process.kill(pid, signal));
}

test('a session killed in mid-command is a lost connection, never a success', async () => {
  const sshd = await start();
  const connection = await openConnection(sshd.target(), sshd.options());
  const running = connection.exec('echo begun; sleep 30', { label: 'long work' });
  await sleep(300);
  signalAll(sshd.sessionPids(), 'SIGKILL');
  await expect(running).rejects.toMatchObject({ kind: 'connectionLost', command: 'long work', host: { name: 'node1' } });
  expect(await connection.closed).toMatchObject({ kind: 'connectionLost' });
  await expect(connection.exec('true')).rejects.toMatchObject({ kind: 'connectionLost' });
  await connection.close();
});

test('every command of a lost connection is told, also those that wait in line', async () => {
  const sshd = await start();
  const connection = await openConnection(sshd.target(), sshd.options());
  const running = Array.from({ length: 20 }, () => connection.exec('sleep 30'));
  const ends = Promise.allSettled(running);
  await sleep(500);
  signalAll(sshd.sessionPids(), 'SIGKILL');
  const kinds = (await ends).map((end) => (end.status === 'rejected' ? end.reason.kind : 'resolved'));
  expect(kinds).toEqual(Array.from({ length: 20 }, () => 'connectionLost'));
});

test('a peer that freezes is found out by keepalive', async () => {
  const sshd = await start();
  const options = sshd.options({ keepaliveIntervalSeconds: 0.3, keepaliveCountMax: 2 });
  const connection = await openConnection(sshd.target(), options);
  const running = connection.exec('sleep 30');
  await sleep(300);
  signalAll(sshd.sessionPids(), 'SIGSTOP');
  const startedAtMs = performance.now();
  await expect(running).rejects.toMatchObject({ kind: 'connectionLost', what: 'the connection was lost: Keepalive timeout' });
  expect(performance.now() - startedAtMs).toBeLessThan(3000);
});

test('closing does not wait for a frozen peer', async () => {
  const sshd = await start();
  const connection = await openConnection(sshd.target(), sshd.options());
  signalAll(sshd.sessionPids(), 'SIGSTOP');
  const startedAtMs = performance.now();
  await connection.close();
  expect(performance.now() - startedAtMs).toBeLessThan(2000);
});

test('keepalive leaves a quiet, living connection alone', async () => {
  const sshd = await start();
  const options = sshd.options({ keepaliveIntervalSeconds: 0.1, keepaliveCountMax: 2 });
  const connection = await openConnection(sshd.target(), options);
  expect((await connection.exec('sleep 1.5; echo alive')).stdout).toBe('alive\n');
  await connection.close();
});

test('a host that allows one session at a time refuses a second with a reason, if the first lasts', async () => {
  const sshd = await start({ config: ['MaxSessions 1'] });
  const connection = await openConnection(sshd.target(), sshd.options());
  const first = connection.exec('sleep 4; echo first');
  await sleep(300);
  await expect(connection.exec('true')).rejects.toMatchObject({
    kind: 'channelRefused',
    advice: expect.stringContaining('MaxSessions'),
  });
  expect((await first).stdout).toBe('first\n');
  expect((await connection.exec('echo second')).stdout).toBe('second\n');
  await connection.close();
});

test('a session that is free again soon is waited for', async () => {
  const sshd = await start({ config: ['MaxSessions 1'] });
  const connection = await openConnection(sshd.target(), sshd.options());
  const outputs = await Promise.all([connection.exec('sleep 0.2; echo one'), connection.exec('echo two')]);
  expect(outputs.map((output) => output.stdout)).toEqual(['one\n', 'two\n']);
  await connection.close();
});

test('closing while a command runs loses the command', async () => {
  const sshd = await start();
  const connection = await openConnection(sshd.target(), sshd.options());
  const running = connection.exec('sleep 30');
  const end = expect(running).rejects.toMatchObject({
    kind: 'connectionLost',
    what: 'the connection was lost: it was closed on this side',
  });
  await sleep(200);
  await connection.close();
  await end;
});

/** Connects to a stand-in whose exec requests are answered by `onExec`. */
async function connectToFake(onExec: (stream: ServerChannel, end: () => void) => void): Promise<Connection> {
  const fake = await startFakeSshServer((client) => {
    client.on('authentication', (context) => context.accept());
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec) => onExec(acceptExec(), () => client.end()));
    });
  });
  fakes.push(fake);
  const target: SshTarget = { name: 'fake', address: '127.0.0.1', port: fake.port, user: 'someone', password: 'any' };
  return await openConnection(target, {
    hostKeys: createHostKeyChecker({ policy: 'no', files: [] }),
    keys: new KeyRing({ homeFolder: '/nonexistent' }),
  });
}

test('a channel closed without an exit status is not a success', async () => {
  const connection = await connectToFake((stream) => {
    stream.write('some output\n');
    stream.close();
  });
  await expect(connection.exec('true')).rejects.toMatchObject({
    kind: 'connectionLost',
    what: "the command's channel was closed without an exit status",
  });
  await connection.close();
});

test('an exit status before the connection breaks counts only when all output came', async () => {
  const connection = await connectToFake((stream, end) => {
    stream.write('half of the out');
    stream.exit(0);
    setTimeout(end, 100);
  });
  await expect(connection.exec('true', { label: 'work' })).rejects.toMatchObject({ kind: 'connectionLost', exitCode: 0, command: 'work' });
});
