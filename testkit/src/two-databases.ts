import { randomInt } from 'node:crypto';
import { chmod, chown, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reachableFolder } from './reachable-folder.ts';
import { runSql } from './store.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@muster/store';

/** One of two real databases, of which the second follows the first by streaming replication. */
export type TestDatabase = {
  readonly url: string;
  /** Ends or stops the whole server, as its machine would: no connection is ended in good order. One that is killed does not come back. */
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): Promise<void>;
  /** Makes it take writes. */
  promote(): Promise<void>;
  /** Runs SQL as whoever administers it. */
  sql(text: string): Promise<Record<string, unknown>[]>;
};

/** Every address of 127.0.0.0/8 is this machine: two servers can have the same port there. */
const someAddress = () => `127.${randomInt(1, 250)}.${randomInt(1, 250)}.${randomInt(2, 250)}`;

const access = `local all all peer map=muster
local replication all peer map=muster
host all all 127.0.0.0/8 trust
host replication all 127.0.0.0/8 trust
`;

async function configure(home: string, address: string, more = ''): Promise<void> {
  await writeFile(join(home, 'hba-test.conf'), access, { mode: 0o644 });
  const settings = `listen_addresses = '${address}'
wal_level = replica
max_wal_senders = 5
hba_file = '${join(home, 'hba-test.conf')}'
${more}`;
  await writeFile(join(home, 'local.conf'), settings, { mode: 0o644 });
}

const start = (home: string) => startEmbeddedPostgres({ dataDir: home, log: () => undefined });

/** The processes of a server: the first one of its pid file and its children. */
async function processesOf(home: string): Promise<number[]> {
  const [first = ''] = (await readFile(join(home, 'data', 'postmaster.pid'), 'utf8')).split('\n');
  const children = await readFile(`/proc/${first}/task/${first}/children`, 'utf8').catch(() => '');
  return [Number(first), ...children.trim().split(' ').filter(Boolean).map(Number)];
}

function databaseOf(home: string, address: string, postgres: EmbeddedPostgres): TestDatabase {
  const url = `postgresql://muster@${address}:5432/muster`;
  return {
    url,
    signal: async (name) => {
      const processes = await processesOf(home);
      // Whoever watches over a database starts it again, and so must not see that this one ends.
      const unwatched = name === 'SIGKILL' ? postgres.stop() : undefined;
      for (const pid of processes) send(pid, name);
      await unwatched;
    },
    promote: async () => void (await runSql(postgres.connection, 'select pg_promote()')),
    sql: (text) => runSql(postgres.connection, text),
  };
}

/** Starts both; `stop` ends whatever still runs and removes all of it. */
export async function twoDatabases(): Promise<{ first: TestDatabase; second: TestDatabase; stop(): Promise<void> }> {
  const folder = await reachableFolder();
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  const [addressOne, addressTwo] = [someAddress(), someAddress()];
  await (await start(one)).stop();
  // What a standby reads must have been written for one: once more, with the settings of a primary.
  await configure(one, addressOne);
  await (await start(one)).stop();
  const { uid, gid } = await stat(join(one, 'data'));
  await mkdir(two, { mode: 0o755 });
  await cp(join(one, 'data'), join(two, 'data'), { recursive: true, preserveTimestamps: true });
  await ownAll(join(two, 'data'), uid, gid);
  await writeFile(join(two, 'data', 'standby.signal'), '');
  await chown(join(two, 'data', 'standby.signal'), uid, gid);
  const first = await start(one);
  await configure(two, addressTwo, `primary_conninfo = 'host=${addressOne} user=muster'\n`);
  const second = await start(two);
  return {
    first: databaseOf(one, addressOne, first),
    second: databaseOf(two, addressTwo, second),
    stop: async () => {
      for (const home of [one, two]) for (const pid of await processesOf(home).catch(() => [])) send(pid, 'SIGCONT');
      for (const postgres of [second, first]) await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** To what has not ended meanwhile. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function ownAll(folder: string, uid: number, gid: number): Promise<void> {
  await chmod(folder, 0o700);
  await chown(folder, uid, gid);
  for (const entry of await readdir(folder, { recursive: true })) await chown(join(folder, entry), uid, gid);
}
