import { randomInt } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@muster/store';
import { reachableFolder } from '@muster/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { keptLog } from '../test/kept-log.ts';
import { ask, problemIn } from '../test/requests.ts';
import { freePort, openServer, type TestServer } from '../test/server-fixture.ts';
import { loadConfig } from './config/load-config.ts';
import { startServer } from './main.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Every address of 127.0.0.0/8 is this machine. */
const someAddress = () => `127.${randomInt(1, 250)}.${randomInt(1, 250)}.${randomInt(2, 250)}`;

/** A real PostgreSQL for an address, port 5432, with Muster's database in it, that does not run. What is returned starts it. */
async function makeDatabase(address: string): Promise<() => Promise<void>> {
  const folder = await reachableFolder();
  const home = join(folder, 'postgres');
  await mkdir(home);
  await writeFile(join(home, 'hba-test.conf'), 'local all all peer map=muster\nhost all all 127.0.0.0/8 trust\n', { mode: 0o644 });
  const settings = `listen_addresses = '${address}'\nhba_file = '${join(home, 'hba-test.conf')}'\n`;
  await writeFile(join(home, 'local.conf'), settings, { mode: 0o644 });
  const start = () => startEmbeddedPostgres({ dataDir: home, log: () => undefined });
  // A cluster that is only being made listens before it has the database, and a server would be right to give up.
  let postgres: EmbeddedPostgres = await start();
  await postgres.stop();
  ends.push(() => postgres.stop().then(() => rm(folder, { recursive: true, force: true })));
  return async () => void (postgres = await start());
}

type Waiting = { readonly starting: Promise<TestServer>; readonly port: number; readonly socketPath: string };

/** Begins to start a server on a database that is not there. */
async function startEarly(url: string): Promise<Waiting> {
  const port = await freePort();
  const dataDir = join(await reachableFolder(), 'data');
  const starting = openServer({ MUSTER_DATABASE_URL: url, MUSTER_DATA_DIR: dataDir, MUSTER_HTTP_PORT: String(port) });
  ends.push(() => starting.then((server) => server.close()));
  return { starting, port, socketPath: join(dataDir, 'muster.sock') };
}

async function expectWaiting({ port, socketPath }: Waiting): Promise<void> {
  const statusOf = (where: { port: number } | { socketPath: string }) =>
    ask(where, '/api/v1/health/ready').then(
      ({ status }) => status,
      () => 0,
    );
  for (const where of [{ port }, { socketPath }]) {
    await expect.poll(() => statusOf(where), { timeout: 30_000 }).toBe(503);
    const answer = await ask(where, '/api/v1/health/ready');
    expect(problemIn(answer)).toMatchObject({
      code: 'store-unavailable',
      detail: expect.stringMatching(/waits for its database\. ./u) as string,
    });
    expect(answer.headers['retry-after']).toBe('2');
    expect((await ask(where, '/api/v1/health/live')).status).toBe(200);
    expect((await ask(where, '/api/v1/nodes')).status).toBe(503);
  }
}

describe('a server that is started before its database', { timeout: 180_000 }, () => {
  it.each([
    ['one host', (address: string) => `${address}:5432`],
    ['several hosts, all down', (address: string) => `${someAddress()}:5432,${address}:5432`],
  ])('of %s waits, says so, and comes up with it', async (_, hostsOf) => {
    const address = someAddress();
    const startDatabase = await makeDatabase(address);
    const waiting = await startEarly(`postgresql://muster@${hostsOf(address)}/muster`);
    await expectWaiting(waiting);
    await startDatabase();
    const server = await waiting.starting;
    expect((await ask({ port: waiting.port }, '/api/v1/health/ready')).status).toBe(200);
    await server.local.addNode({ body: { name: 'worker1' } });
    const said = server.lines.map(({ message }) => message);
    expect(said.filter((line) => line.startsWith('the server waits for its database')).length).toBeGreaterThan(0);
    expect(said).toContain('the database is there');
  });

  it('shows no password meanwhile, ends at once when it is told to, and leaves no socket', async () => {
    const dataDir = join(await reachableFolder(), 'data');
    const ports = { MUSTER_HTTP_PORT: String(await freePort()), MUSTER_AGENTS_PORT: String(await freePort()) };
    const url = `postgresql://muster:hunter2@${someAddress()}:5432/muster`;
    const config = loadConfig({ environment: { ...ports, MUSTER_DATABASE_URL: url, MUSTER_DATA_DIR: dataDir } });
    const stopping = new AbortController();
    const { log, lines } = keptLog();
    const parts = { config, log, panelDir: '/nonexistent', program: '/nonexistent', signal: stopping.signal };
    const ended = startServer(parts).then(
      () => 'it started',
      (error: unknown) => (error instanceof Error ? error.name : String(error)),
    );
    const isThere = () =>
      ask({ socketPath: join(dataDir, 'muster.sock') }, '/api/v1/health/live').then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(isThere, { timeout: 30_000 }).toBe(200);
    const { text } = await ask({ socketPath: join(dataDir, 'muster.sock') }, '/api/v1/nodes');
    expect(text).toContain('waits for its database');
    expect(text + JSON.stringify(lines)).not.toContain('hunter2');
    stopping.abort();
    expect(await ended).toBe('AbortError');
    expect(await isThere()).toBe(0);
  });
});
