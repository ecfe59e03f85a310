import type { Log } from '@muster/core';
import pg from 'pg';
import { clientConfig } from '../connection.ts';
import { StoreUnavailable } from '../errors.ts';
import { cut } from './probe.ts';
import type { Route } from './route.ts';

const poolSize = 10;

/** Connections to the database that takes writes. When that is another one, those to the one before are cut: what waits there fails at once. */
export class PoolOfPrimary {
  readonly #route: Route;
  readonly #log: Log;
  readonly #clients = new Set<pg.PoolClient>();
  readonly #ended: Promise<void>[] = [];
  readonly #forget: () => void;
  #pool: Promise<pg.Pool> | undefined;
  #isOver = false;

  constructor(route: Route, log: Log) {
    this.#route = route;
    this.#log = log;
    this.#forget = route.onMoved(() => this.#leave());
  }

  /** @throws StoreUnavailable, and what the driver throws */
  async connect(): Promise<pg.PoolClient> {
    if (this.#isOver) throw new StoreUnavailable('The store is closed.');
    // Two may ask at once, and must not make two pools; where none could be made the next one tries again.
    this.#pool ??= this.#open();
    return (await this.#pool).connect();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    this.#forget();
    const pool = await this.#pool?.catch(() => undefined);
    await Promise.all([...this.#ended, pool?.end()]);
  }

  async #open(): Promise<pg.Pool> {
    try {
      const pool = new pg.Pool({ ...clientConfig(await this.#route.current()), max: poolSize, idleTimeoutMillis: 60_000 });
      pool.on('error', (error) => this.#log.warn({ error: error.message }, 'an idle connection to the database was lost'));
      pool.on('connect', (client) => this.#clients.add(client));
      pool.on('remove', (client) => this.#clients.delete(client));
      return pool;
    } catch (error) {
      this.#pool = undefined;
      throw error;
    }
  }

  #leave(): void {
    const before = this.#pool;
    this.#pool = undefined;
    for (const client of this.#clients) cut(client);
    this.#clients.clear();
    const ended = before?.then((pool) => pool.end()).catch(() => undefined);
    if (ended !== undefined) this.#ended.push(ended);
  }
}
