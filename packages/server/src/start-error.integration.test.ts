import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { openStore } from '@muster/store';
import { withDatabase, withStore, reachableFolder } from '@muster/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { keptLog } from '../test/kept-log.ts';
import { ask } from '../test/requests.ts';
import { freePort, openServer, type TestServer } from '../test/server-fixture.ts';
import { loadConfig } from './config/load-config.ts';
import { startServer } from './main.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanUps.splice(0).toReversed()) await end();
});

async function listening(where: { port: number; host: string } | { path: string }): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(where, resolve));
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
  return server;
}

async function folder(): Promise<string> {
  const path = await reachableFolder();
  cleanUps.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

const urlOf = (connection: { user: string; database: string; host: string }): string =>
  `postgresql://${connection.user}@/${connection.database}?host=${encodeURIComponent(connection.host)}`;

/** Tries to start, and gives the one line it failed with. */
async function lineOfFailure(variables: Record<string, string>): Promise<string> {
  const { log } = keptLog();
  const own = { MUSTER_HTTP_PORT: String(await freePort()), MUSTER_AGENTS_PORT: String(await freePort()) };
  const config = loadConfig({ environment: { ...own, ...variables } });
  const outcome = await startServer({ config, log, panelDir: '/nonexistent', program: '/nonexistent' }).then(
    async (server) => server.stop().then(() => 'it started'),
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
  );
  return outcome;
}

async function onStore(): Promise<Record<string, string>> {
  const { connection } = await withStore();
  return { MUSTER_DATABASE_URL: urlOf(connection), MUSTER_DATA_DIR: join(await folder(), 'data') };
}

describe('a start that fails says why and what to do, in one line', () => {
  it.each([
    { what: 'the panel', variable: 'MUSTER_HTTP_PORT', key: 'http.port' },
    { what: 'agents', variable: 'MUSTER_AGENTS_PORT', key: 'agents.port' },
  ])('when the port of $what is taken', async ({ what, variable, key }) => {
    const port = await freePort();
    await listening({ port, host: '127.0.0.1' });
    const line = await lineOfFailure({ ...(await onStore()), [variable]: String(port) });
    expect(line).toBe(
      `StartError: Port ${port} on 127.0.0.1 for ${what} cannot be opened: something else listens there already. Is another Muster running? Set another one: ${key} in the configuration.`,
    );
  });

  it('when this machine has not the address', async () => {
    const line = await lineOfFailure({ ...(await onStore()), MUSTER_HTTP_HOST: '192.0.2.1', MUSTER_HTTP_TLS: 'off' });
    expect(line).toMatch(/^StartError: .*this machine has no such address/u);
  });

  it('when a live server has the socket', async () => {
    const path = join(await folder(), 'live.sock');
    const live = await listening({ path });
    const line = await lineOfFailure({ ...(await onStore()), MUSTER_SOCKET_PATH: path });
    expect(line).toBe(`StartError: Another Muster server answers on ${path}. Stop it first, or give this one its own dataDir.`);
    expect(live.listening).toBe(true);
  });

  it('when something else lies where the socket is to be, which stays untouched', async () => {
    const path = join(await folder(), 'precious');
    await writeFile(path, 'data');
    const line = await lineOfFailure({ ...(await onStore()), MUSTER_SOCKET_PATH: path });
    expect(line).toContain(`${path} is there and is no socket.`);
    expect(await readFile(path, 'utf8')).toBe('data');
  });

  it('when the folder of the socket is not there, or its path is too long', async () => {
    expect(await lineOfFailure({ ...(await onStore()), MUSTER_SOCKET_PATH: '/nonexistent/muster.sock' })).toMatch(
      /^StartError: The socket \/nonexistent\/muster\.sock cannot be opened: its folder is not there, or this user may not write in it\. .* socket\.path/u,
    );
    const long = { ...(await onStore()), MUSTER_DATA_DIR: join(await folder(), 'x'.repeat(100)) };
    expect(await lineOfFailure(long)).toMatch(/^ConfigError: The path of the socket is longer .* socket\.path/u);
  });

  it('when the database has the schema of a newer version', async () => {
    const connection = await withDatabase();
    const url = urlOf(connection);
    const store = await openStore({ connection, log: keptLog().log });
    const newer = { version: 9999, name: '9999-from-the-future.sql', checksum: 'x' };
    await store.accounts
      .insertInto('schema_migrations' as never)
      .values(newer)
      .execute();
    await store.close();
    const line = await lineOfFailure({ MUSTER_DATABASE_URL: url, MUSTER_DATA_DIR: join(await folder(), 'data') });
    expect(line).toMatch(/^StoreRefused: .*newer/u);
    expect(line).not.toContain('\n');
  });

  it('when there is no such database on its server', async () => {
    const connection = await withDatabase();
    const missing = urlOf({ ...connection, database: 'not_there' });
    expect(await lineOfFailure({ MUSTER_DATABASE_URL: missing, MUSTER_DATA_DIR: join(await folder(), 'data') })).toMatch(
      /^StoreRefused: There is no such database/u,
    );
  });

  it('when the data folder cannot be made', async () => {
    const { connection } = await withStore();
    const file = join(await folder(), 'file');
    await writeFile(file, '');
    const line = await lineOfFailure({ MUSTER_DATABASE_URL: urlOf(connection), MUSTER_DATA_DIR: join(file, 'data') });
    expect(line).toMatch(/^StartError: The folder for Muster's data .*file\/data cannot be made: ENOTDIR.* dataDir/u);
  });

  it('when the key file of an installation is lost, exposed or another one', async () => {
    const variables = await onStore();
    const key = join(variables['MUSTER_DATA_DIR'] ?? '', 'master.key');
    expect(await lineOfFailure(variables)).toBe('it started');
    await chmod(key, 0o644);
    expect(await lineOfFailure(variables)).toMatch(/^TrustError: .*master\.key/u);
    await rm(key);
    expect(await lineOfFailure(variables)).toMatch(/^TrustError: .*master\.key/u);
  });
});

describe('with the embedded database', () => {
  const running: TestServer[] = [];
  afterEach(async () => {
    for (const one of running.splice(0)) await one.close();
  });

  it('a second server on the same data says so, and the first goes on', async () => {
    const first = await openServer();
    running.push(first);
    const line = await lineOfFailure({ MUSTER_DATA_DIR: first.server.dataDir });
    expect(line).toMatch(/^EmbeddedPostgresError: Another Muster server .* uses this data folder/u);
    expect((await ask({ socketPath: first.server.socketPath }, '/api/v1/health/ready')).status).toBe(200);
  });

  it('data of a newer PostgreSQL, and one that does not start, are said in plain words; a failed start leaves nothing behind', async () => {
    const dataDir = join(await folder(), 'data');
    expect(await lineOfFailure({ MUSTER_DATA_DIR: dataDir })).toBe('it started');
    const version = join(dataDir, 'postgres', 'data', 'PG_VERSION');
    const written = await readFile(version, 'utf8');
    await writeFile(version, '99\n');
    expect(await lineOfFailure({ MUSTER_DATA_DIR: dataDir })).toMatch(
      /^EmbeddedPostgresError: The data in .* were written by PostgreSQL 99/u,
    );
    await writeFile(version, written);

    const port = await freePort();
    const blocker = await listening({ port, host: '127.0.0.1' });
    expect(await lineOfFailure({ MUSTER_DATA_DIR: dataDir, MUSTER_HTTP_PORT: String(port) })).toMatch(/^StartError: Port/u);
    expect(blocker.listening).toBe(true);
    await expect(readFile(join(dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8')).rejects.toThrow(/ENOENT/u);

    await writeFile(join(dataDir, 'postgres', 'local.conf'), 'no_such_setting = 1\n');
    const line = await lineOfFailure({ MUSTER_DATA_DIR: dataDir });
    expect(line).toMatch(/^EmbeddedPostgresError: The embedded PostgreSQL does not start[^]*no_such_setting/u);
  });

  it.runIf(process.getuid?.() === 0)(
    'when the folder that was named is closed to the user of the database, and no other is taken',
    async () => {
      const closed = await folder();
      await chmod(closed, 0o700);
      const line = await lineOfFailure({ MUSTER_DATA_DIR: join(closed, 'data') });
      expect(line).toMatch(/The user \w+, as whom the database runs when Muster is started as root, cannot reach .*chmod o\+x/u);
    },
  );
});
