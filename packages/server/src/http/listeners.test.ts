import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Reading, Store } from '@muster/store';
import { createAuthority, openAuthority } from '@muster/trust';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keptLog } from '../../test/kept-log.ts';
import { ask } from '../../test/requests.ts';
import { freePort } from '../../test/server-fixture.ts';
import { Auditor } from '../audit/auditor.ts';
import type { ConsoleHub } from '../consoles/console-hub.ts';
import { Config } from '../config/config.ts';
import { makeServerIdentity } from '../identity/server-identity.ts';
import type { ApiKeys } from '../people/api-keys.ts';
import type { People } from '../people/people.ts';
import { systemClock } from '../system-clock.ts';
import { EventStream } from './event-stream.ts';
import { JournalStreams } from './journal-stream.ts';
import type { Handlers } from './handlers.ts';
import { type Listeners, openListeners } from './listeners.ts';

let folder: string;
let port: number;
let listeners: Listeners | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-listeners-'));
  port = await freePort();
});
afterEach(async () => {
  await listeners?.close();
  await rm(folder, { recursive: true, force: true });
});

const authority = openAuthority(await createAuthority({ name: 'Test', now: new Date() }));
const newIdentity = async () => ({
  ...(await makeServerIdentity(await authority, ['127.0.0.1'], new Date())),
  rootPem: (await authority).rootPem,
});

async function open(tls: 'on' | 'off') {
  const { log } = keptLog();
  const live: Partial<Handlers> = { live: async () => ({ status: 'live' }) };
  const people: Partial<People> = { sessionOf: async () => undefined };
  const parts = {
    handlers: live as Handlers,
    people: people as People,
    keys: {} as ApiKeys,
    auditor: new Auditor({} as Store, systemClock, log),
    store: { reading: <T>(_reading: Reading, work: () => Promise<T>) => work() },
    stream: new EventStream(log),
    pages: async () => [],
    journals: {
      streams: new JournalStreams(log),
      open: () => Promise.reject(new Error('no journal is opened here')),
      mayRead: async () => true,
    },
    consoles: { hub: {} as ConsoleHub, store: {} as Store, log },
    metrics: { apply: () => undefined, answered: () => undefined, text: async () => ({ contentType: 'text/plain', body: '' }) },
    log,
    version: '0',
  };
  const config = Config.parse({ http: { port, tls } });
  const identity = await newIdentity();
  listeners = await openListeners({
    ...parts,
    config,
    identity,
    panelDir: '/nonexistent',
    socketPath: join(folder, 'm.sock'),
  });
  return listeners;
}

const serialShown = () =>
  new Promise<string>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });

describe('the listeners', () => {
  it('show a renewed certificate from the next connection on', async () => {
    const { renewIdentity } = await open('on');
    const before = await serialShown();
    expect(await serialShown()).toBe(before);
    renewIdentity(await newIdentity());
    expect(await serialShown()).not.toBe(before);
  });

  it('take a new certificate without TLS for what it is: nothing to show', async () => {
    const { renewIdentity } = await open('off');
    renewIdentity(await newIdentity());
    expect((await ask({ port }, '/api/v1/health/live')).status).toBe(200);
  });

  it('say how to build a panel that is not built', async () => {
    await open('off');
    expect(await ask({ port }, '/nodes')).toMatchObject({ status: 503, text: expect.stringContaining('npm run build') as string });
    expect((await ask({ port }, '/api/nothing')).headers['content-type']).toMatch(/problem\+json/u);
  });

  it('take the place of a socket that a killed server left behind, for its group alone', async () => {
    const path = join(folder, 'm.sock');
    const script = 'require("node:net").createServer().listen(process.argv[1], () => process.stdout.write("open"))';
    const killed = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect((await stat(path)).isSocket()).toBe(true);
    await open('off');
    expect((await stat(path)).mode & 0o777).toBe(0o660);
    expect((await ask({ socketPath: path }, '/api/v1/health/live')).status).toBe(200);
  });
});
