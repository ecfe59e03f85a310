import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { type Connection, openConnection } from './index.ts';

// Faults of the network and of the SSH library that have no other place; the others stand with what they break.

let sshd: TestSshd;
const connections: Connection[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  sshd = await startSshd();
});

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  servers.splice(0).forEach((server) => server.close());
});

afterAll(() => sshd.stop());

/** A server in between, on a port of its own; `between` joins the two ends. */
async function startBetween(between: (client: Socket, host: Socket) => void): Promise<number> {
  const server = createServer((client) => {
    const host = connect({ host: '127.0.0.1', port: sshd.port });
    [client, host].forEach((socket) => socket.on('error', () => undefined));
    client.on('close', () => host.destroy());
    host.on('close', () => client.destroy());
    between(client, host);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Passes on what comes, in order, each piece after a pause. */
async function passSlowly(from: Socket, to: Socket, pauseMs: number): Promise<void> {
  for await (const chunk of from) {
    await sleep(pauseMs);
    to.write(chunk as Buffer);
  }
}

test('a host that drops all packets (blackhole) is given up in time, and nothing is said of a banner', async () => {
  // A process that accepts nothing: with its queue full, the kernel drops every further first packet.
  const program = "const s=require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},()=>console.log(s.address().port))";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const port = Number(line.toString());
  const fillers = Array.from({ length: 8 }, () => connect({ host: '127.0.0.1', port }).on('error', () => undefined));
  await sleep(300);
  const startedAtMs = performance.now();
  await expect(openConnection(sshd.target({ port }), sshd.options({ connectTimeoutSeconds: 1 }))).rejects.toMatchObject({
    kind: 'timeout',
    what: 'no connection within 1 s: no answer to the first packet',
  });
  expect(performance.now() - startedAtMs).toBeLessThan(3000);
  fillers.forEach((filler) => filler.destroy());
  child.kill('SIGKILL');
  await once(child, 'exit');
});

test('a slow handshake is waited for', async () => {
  const port = await startBetween((client, host) => {
    void passSlowly(client, host, 60).catch(() => undefined);
    void passSlowly(host, client, 60).catch(() => undefined);
  });
  const connection = await openConnection(sshd.target({ port, hostKeyAlias: `[127.0.0.1]:${sshd.port}` }), sshd.options());
  connections.push(connection);
  expect((await connection.exec('echo slowly')).stdout).toBe('slowly\n');
});

test('a failure that the library reports twice is told once, and the process lives', async () => {
  const port = await startBetween((client, host) => {
    host.once('data', (chunk: Buffer) => {
      client.write(chunk);
      // A broken packet, then a reset: the protocol's error and the socket's.
      client.write(Buffer.alloc(64, 0xff));
      setTimeout(() => client.resetAndDestroy(), 20);
    });
  });
  const unexpected: unknown[] = [];
  const note = (error: unknown): void => void unexpected.push(error);
  process.on('uncaughtException', note);
  const opening = openConnection(sshd.target({ port }), sshd.options({ connectTimeoutSeconds: 5 }));
  await expect(opening).rejects.toMatchObject({ name: 'SshError', host: { name: 'node1' } });
  await sleep(200);
  process.off('uncaughtException', note);
  expect(unexpected).toEqual([]);
});

test('a reset in the middle of a command and of an upload is a lost connection', async () => {
  const clients: Socket[] = [];
  const port = await startBetween((client, host) => {
    clients.push(client);
    client.pipe(host);
    host.pipe(client);
  });
  const connection = await openConnection(sshd.target({ port, hostKeyAlias: `[127.0.0.1]:${sshd.port}` }), sshd.options());
  connections.push(connection);
  const ends = Promise.allSettled([connection.exec('echo begun; sleep 30'), connection.exec('cat >/dev/null', { stdin: endless() })]);
  await sleep(400);
  clients.forEach((client) => client.resetAndDestroy());
  for (const end of await ends) {
    expect(end).toMatchObject({ status: 'rejected', reason: { kind: 'connectionLost' } });
  }
});

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) {
    await sleep(10);
    yield Buffer.alloc(1000);
  }
}
