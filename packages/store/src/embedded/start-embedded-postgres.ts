import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase } from '../create-database.ts';
import { EmbeddedPostgresError } from '../errors.ts';
import { packagedBinaries, prepareBinaries } from './binaries.ts';
import { systemStateDir } from './choose-data-dir.ts';
import { initialize } from './initialize.ts';
import { layoutOf, makeHome, makePrivate, ownerOf, socketFolder } from './layout.ts';
import { stopLeftovers } from './leftover.ts';
import { type Postmaster, type PostgresExit, type PostmasterParts, startPostmaster } from './postmaster.ts';
import { ServerLog } from './server-log.ts';
import { lockServer, type ServerLock } from './server-lock.ts';
import { databaseName, databaseRole, writeSettings } from './settings.ts';
import { databaseUser } from './system-user.ts';

export type EmbeddedPostgresOptions = {
  /** A folder for the database alone. Made when it is not there. */
  readonly dataDir: string;
  /** Gets what happens to the server, a line each. */
  readonly log: (line: string) => void;
  /** A folder with `bin/postgres`, where it is not the npm package's. */
  readonly binaries?: string;
  /** Told when the server process died by itself; it is started again without this. */
  readonly onExit?: (exit: PostgresExit) => void;
};

/** A PostgreSQL of our own, as a child process. */
export type EmbeddedPostgres = {
  readonly connection: { readonly host: string; readonly user: string; readonly database: string };
  /** Of the process now running; null while it is being started again. */
  readonly pid: number | null;
  /** Stops it in order and gives the data folder free. Idempotent. */
  stop(): Promise<void>;
};

const retryWaitMs = { first: 100, longest: 10_000 };
/** A server that ran this long did not die of its start. */
const soundAfterMs = 60_000;
const blockedLimitMs = 30_000;
const logCheckMs = 600_000;

/** Memory or a lock of a server that is just dying; it passes by itself. */
const isBlocked = (error: unknown): boolean =>
  error instanceof EmbeddedPostgresError && /pre-existing shared memory block|lock file .* already exists/u.test(error.message);

/** Starts the server, when need be after the last of an earlier one is gone. */
async function launch(parts: PostmasterParts): Promise<Postmaster> {
  const end = performance.now() + blockedLimitMs;
  for (;;) {
    await stopLeftovers(parts.layout.data, parts.log);
    try {
      return await startPostmaster(parts);
    } catch (error) {
      if (!isBlocked(error) || performance.now() > end) throw error;
      await sleep(500);
    }
  }
}

/** Keeps the server running until it is stopped. */
class Supervised implements EmbeddedPostgres {
  readonly connection: EmbeddedPostgres['connection'];
  readonly #parts: PostmasterParts;
  readonly #lock: ServerLock;
  readonly #onExit: ((exit: PostgresExit) => void) | undefined;
  readonly #stopping = new AbortController();
  readonly #logTimer: NodeJS.Timeout;
  readonly #kept: Promise<void>;
  #postmaster: Postmaster | undefined;
  #stopped: Promise<void> | undefined;

  constructor(parts: PostmasterParts, postmaster: Postmaster, lock: ServerLock, onExit: ((exit: PostgresExit) => void) | undefined) {
    this.connection = { ...parts.connection, database: databaseName };
    this.#parts = parts;
    this.#lock = lock;
    this.#onExit = onExit;
    this.#postmaster = postmaster;
    this.#logTimer = setInterval(() => parts.serverLog.trim(), logCheckMs);
    this.#logTimer.unref();
    this.#kept = this.#keep();
  }

  get pid(): number | null {
    return this.#postmaster?.pid ?? null;
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#end());
  }

  async #end(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#logTimer);
    await this.#postmaster?.stop();
    await this.#kept;
    this.#parts.serverLog.close();
    this.#lock.release();
  }

  async #keep(): Promise<void> {
    let waitMs = retryWaitMs.first;
    while (this.#postmaster !== undefined) {
      const begin = performance.now();
      const exit = await this.#postmaster.exited;
      this.#postmaster = undefined;
      if (this.#stopping.signal.aborted) return;
      this.#parts.log(`the database process ended by itself (${exit.signal ?? `exit status ${exit.code}`}); starting it again`);
      this.#onExit?.(exit);
      if (performance.now() - begin > soundAfterMs) waitMs = retryWaitMs.first;
      waitMs = await this.#restart(waitMs);
    }
  }

  /** Tries until it runs or is not wanted any more. Returns how long the next wait would be. */
  async #restart(firstWaitMs: number): Promise<number> {
    let waitMs = firstWaitMs;
    while (!this.#stopping.signal.aborted) {
      await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, retryWaitMs.longest);
      if (this.#stopping.signal.aborted) break;
      try {
        const postmaster = await launch(this.#parts);
        this.#parts.log('the database runs again');
        if (this.#stopping.signal.aborted) await postmaster.stop();
        this.#postmaster = postmaster;
        break;
      } catch (error) {
        this.#parts.log(error instanceof Error ? error.message : String(error));
      }
    }
    return waitMs;
  }
}

async function startLocked(options: EmbeddedPostgresOptions, home: string, lock: ServerLock): Promise<EmbeddedPostgres> {
  const layout = layoutOf(home);
  const user = await databaseUser(await ownerOf(layout), layout.data);
  const binaries = await prepareBinaries(
    options.binaries ?? packagedBinaries(),
    user,
    user.other ? systemStateDir : join(home, 'binaries'),
  );
  const socketDir = socketFolder(home, user.uid);
  await makePrivate(socketDir, user);
  const { first } = await initialize(layout, binaries, user);
  if (first) options.log(`made a database in ${layout.data}`);
  await writeSettings(layout, socketDir, user);
  const serverLog = new ServerLog(layout.logFile);
  serverLog.trim();
  const connection = { host: socketDir, user: databaseRole, database: 'postgres' };
  const parts = { layout, binaries, user, serverLog, connection, log: options.log };
  let postmaster: Postmaster | undefined;
  try {
    postmaster = await launch(parts);
    await createDatabase(connection, databaseName);
    return new Supervised(parts, postmaster, lock, options.onExit);
  } catch (error) {
    await postmaster?.stop();
    serverLog.close();
    throw error;
  }
}

/**
 * Starts the embedded PostgreSQL on its data folder, which it makes at the first start. As root it runs as an unprivileged user. A database that an
 * earlier, killed server left running is stopped first. It listens on a Unix socket only.
 * @throws EmbeddedPostgresError with a line that says why it cannot run and what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  await makeHome(dataDir, await databaseUser(await ownerOf(layoutOf(dataDir)), dataDir));
  const home = await realpath(dataDir);
  const lock = lockServer(layoutOf(home).lock);
  try {
    return await startLocked(options, home, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}
