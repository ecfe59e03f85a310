import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { reachableFolder } from '@muster/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { query } from '../../test/builders.ts';
import { type EmbeddedPostgres, EmbeddedPostgresError, type PostgresExit, startEmbeddedPostgres } from '../index.ts';
import { processesIn } from './leftover.ts';

const isRoot = process.getuid?.() === 0;
const orphanProgram = fileURLToPath(new URL('../../test/orphan.ts', import.meta.url));

let folder: string;
let dataDir: string;
let lines: string[];
const running: EmbeddedPostgres[] = [];

beforeEach(async () => {
  folder = await reachableFolder();
  dataDir = join(folder, 'postgres');
  lines = [];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((postgres) => postgres.stop()));
  expect(await processesIn(join(dataDir, 'data'))).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

async function start(onExit?: (exit: PostgresExit) => void): Promise<EmbeddedPostgres> {
  const log = (line: string) => void lines.push(line);
  const postgres = await startEmbeddedPostgres(onExit === undefined ? { dataDir, log } : { dataDir, log, onExit });
  running.push(postgres);
  return postgres;
}

let made: string;
beforeAll(async () => {
  made = await reachableFolder();
  await (await startEmbeddedPostgres({ dataDir: join(made, 'postgres'), log: () => undefined })).stop();
});
afterAll(() => rm(made, { recursive: true }));

/** Lays a database that was started and stopped before into the data folder. */
const layOut = () => promisify(execFile)('cp', ['-a', join(made, 'postgres'), dataDir]);

/** Leaves a database behind whose server was killed. Returns the number of its process. */
const leaveOrphan = () =>
  new Promise<number>((resolve) => {
    execFile(process.execPath, [orphanProgram, dataDir], (_, stdout) => resolve(Number(stdout.trim())));
  });

const isAlive = async (pid: number) => (await stat(`/proc/${pid}/exe`).catch(() => undefined)) !== undefined;

describe('a start', () => {
  it('makes a database that keeps what it acknowledges and can be reached by its socket alone', async () => {
    const { connection, pid } = await start();
    const [settings] = await query(
      connection,
      `select ${['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'listen_addresses', 'server_encoding', 'lc_collate']
        .map((name) => `current_setting('${name}', true) as ${name}`)
        .join(', ')}`,
    );
    expect(settings).toMatchObject({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      data_checksums: 'on',
      listen_addresses: '',
      server_encoding: 'UTF8',
    });
    const [locale] = await query(connection, 'select datlocprovider, datlocale from pg_database where datname = current_database()');
    expect(locale).toEqual({ datlocprovider: 'b', datlocale: 'C.UTF-8' });
    expect(connection).toMatchObject({ user: 'muster', database: 'muster' });
    expect((await stat(connection.host)).mode & 0o777).toBe(0o700);
    expect(await readFile(`/proc/${pid}/comm`, 'utf8')).toBe('postgres\n');
    expect((await stat(`/proc/${pid}`)).uid === 0).toBe(false);
    expect(lines).toEqual([`made a database in ${join(dataDir, 'data')}`]);
  });

  it('finds what the last one kept, and stops in order, twice', async () => {
    const first = await start();
    await query(first.connection, 'create table kept as select 1 as one');
    await first.stop();
    await first.stop();
    expect(first.pid).toBeNull();
    const second = await start();
    expect(await query(second.connection, 'select one from kept')).toEqual([{ one: 1 }]);
    const log = await readFile(join(dataDir, 'postgres.log'), 'utf8');
    expect(log).not.toMatch(/not properly shut down|FATAL|PANIC/u);
  });

  it('is refused while another server lives, which is left alone', async () => {
    await layOut();
    const first = await start();
    const second = start();
    await expect(second).rejects.toMatchObject({ name: 'EmbeddedPostgresError', code: 'already-running' });
    await expect(second).rejects.toThrow(new RegExp(`process ${process.pid}`, 'u'));
    expect(await query(first.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
    await first.stop();
    await start();
  });

  it('lets exactly one of several that start at once have the folder', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => start()));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  });

  it('works where the path is too long for a socket', async () => {
    dataDir = join(folder, 'a'.repeat(60), 'b'.repeat(60), 'postgres');
    const { connection } = await start();
    expect(connection.host.length).toBeLessThan(90);
    expect(await query(connection, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await stat(connection.host)).mode & 0o077).toBe(0);
    await rm(connection.host, { recursive: true });
  });

  it('works where the path has every awkward character', async () => {
    dataDir = join(folder, `it's "odd", \\ $HOME ; naïve`, 'postgres');
    expect(await query((await start()).connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('what a killed server left', () => {
  it('is stopped in order when it still runs, and nothing is lost', async () => {
    await layOut();
    const pid = await leaveOrphan();
    expect(await isAlive(pid)).toBe(true);
    const postgres = await start();
    expect(postgres.pid).not.toBe(pid);
    expect(await isAlive(pid)).toBe(false);
    expect(lines).toEqual([expect.stringContaining(`process ${pid}`)]);
  });

  it('is cleared away when it died too', async () => {
    await layOut();
    const pid = await leaveOrphan();
    process.kill(pid, 'SIGKILL');
    expect(await query((await start()).connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is not taken for a process that has its number by now', async () => {
    await layOut();
    const other = execFile('sleep', ['60']);
    await writeFile(join(dataDir, 'data', 'postmaster.pid'), `${other.pid}\n${join(dataDir, 'data')}\n1\n5432\n/nowhere\n\n1 1\nready\n`);
    expect(await query((await start()).connection, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(other.exitCode).toBeNull();
    other.kill();
  });

  it('of a first start that was cut short is made anew', async () => {
    await mkdir(join(dataDir, 'data.unfinished', 'base'), { recursive: true });
    await chmod(dataDir, 0o711);
    expect(await query((await start()).connection, 'select 1 as one')).toEqual([{ one: 1 }]);
    await expect(stat(join(dataDir, 'data.unfinished'))).rejects.toThrow(/ENOENT/u);
  });
});

describe('a database that dies', () => {
  it('is started again each time, and its end is told', async () => {
    await layOut();
    const exits: PostgresExit[] = [];
    const postgres = await start((exit) => exits.push(exit));
    await query(postgres.connection, 'create table kept as select 1 as one');
    for (let round = 1; round <= 3; round += 1) {
      const before = postgres.pid;
      process.kill(before ?? 0, 'SIGKILL');
      await vi.waitFor(() => expect(exits).toHaveLength(round), 10_000);
      await vi.waitFor(() => expect(postgres.pid).not.toBeNull(), 20_000);
      expect(postgres.pid).not.toBe(before);
      expect(await query(postgres.connection, 'select one from kept')).toEqual([{ one: 1 }]);
    }
    expect(exits).toEqual(Array.from({ length: 3 }, () => ({ code: null, signal: 'SIGKILL' })));
  });

  it('goes on by itself when one of its processes is killed', async () => {
    await layOut();
    const postgres = await start();
    const { pid } = postgres;
    const [backend] = (await processesIn(join(dataDir, 'data'))).filter((one) => one !== pid);
    process.kill(backend ?? 0, 'SIGKILL');
    await sleep(200);
    await vi.waitFor(async () => expect(await query(postgres.connection, 'select 1 as one')).toEqual([{ one: 1 }]), 20_000);
    expect(postgres.pid).toBe(pid);
  });

  it('can be stopped while it is being started again', async () => {
    await layOut();
    const exits: PostgresExit[] = [];
    const postgres = await start((exit) => exits.push(exit));
    process.kill(postgres.pid ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(exits).toHaveLength(1), 10_000);
    await postgres.stop();
    expect(postgres.pid).toBeNull();
  });
});

describe('a start that cannot succeed', () => {
  it('shows the end of the log and what to do', async () => {
    await layOut();
    await writeFile(join(dataDir, 'local.conf'), "shared_buffers = 'plenty'\n");
    const failing = start();
    await expect(failing).rejects.toMatchObject({ code: 'did-not-start' });
    await expect(failing).rejects.toThrow(/shared_buffers.*plenty[\s\S]*local\.conf/u);
    await writeFile(join(dataDir, 'local.conf'), 'work_mem = 9MB\n');
    expect(await query((await start()).connection, 'show work_mem')).toEqual([{ work_mem: '9MB' }]);
  });

  it.each([
    ['19', /written by PostgreSQL 19; this Muster brings PostgreSQL 18\. A newer Muster/u],
    ['17', /written by PostgreSQL 17; this Muster brings PostgreSQL 18\. An older Muster/u],
  ])('names the version of the data when they are of PostgreSQL %s', async (version, message) => {
    await layOut();
    await writeFile(join(dataDir, 'data', 'PG_VERSION'), `${version}\n`);
    await expect(start()).rejects.toMatchObject({ code: 'other-version', message: expect.stringMatching(message) });
  });

  it('says that there are no binaries', async () => {
    await expect(startEmbeddedPostgres({ dataDir, log: () => undefined, binaries: folder })).rejects.toMatchObject({ code: 'no-binaries' });
  });

  it('says what the first making of the data could not do', async () => {
    const binaries = join(folder, 'native');
    await mkdir(join(binaries, 'bin'), { recursive: true });
    for (const name of ['postgres', 'initdb'])
      await writeFile(join(binaries, 'bin', name), '#!/bin/sh\necho "no room left" >&2\nexit 1\n', { mode: 0o755 });
    const failing = startEmbeddedPostgres({ dataDir, log: () => undefined, binaries });
    await expect(failing).rejects.toMatchObject({ code: 'initialization-failed' });
    await expect(failing).rejects.toThrow(/no room left/u);
    // And the folder is free again.
    await start();
  });

  it('says that the data are corrupt rather than making new ones', async () => {
    await layOut();
    await rm(join(dataDir, 'data', 'global', 'pg_control'));
    await expect(start()).rejects.toThrow(EmbeddedPostgresError);
    await appendFile(join(dataDir, 'postgres.log'), '');
    expect(await readFile(join(dataDir, 'data', 'PG_VERSION'), 'utf8')).toBe('18\n');
  });

  it('names the folder that is closed to the database’s user', async () => {
    await chmod(folder, 0o700);
    const outcome = await start().catch((error: unknown) => error);
    expect(outcome instanceof EmbeddedPostgresError ? outcome.code : 'started').toBe(isRoot ? 'not-reachable' : 'started');
    await chmod(folder, 0o755);
  });
});
