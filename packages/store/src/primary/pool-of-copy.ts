import type { Log } from '@muster/core';
import pg from 'pg';
import { clientConfig } from '../connection.ts';
import type { Copy } from './route.ts';

const poolSize = 5;

/** Connections to a copy of the database, for reading alone: PostgreSQL refuses a change over them, also once the copy takes writes itself. */
export class PoolOfCopy {
  readonly #log: Log;
  #url: string | undefined;
  #pool: pg.Pool | undefined;
  readonly #ended: Promise<void>[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** @throws what the driver throws */
  connect({ connection }: Copy): Promise<pg.PoolClient> {
    const url = 'url' in connection ? connection.url : connection.host;
    if (this.#pool === undefined || this.#url !== url) {
      this.#leave();
      this.#url = url;
      const options = '-c default_transaction_read_only=on';
      this.#pool = new pg.Pool({ ...clientConfig(connection), options, max: poolSize, idleTimeoutMillis: 10_000 });
      this.#pool.on('error', (error) => this.#log.warn({ error: error.message }, 'an idle connection to a copy of the database was lost'));
    }
    return this.#pool.connect();
  }

  async end(): Promise<void> {
    this.#leave();
    await Promise.all(this.#ended);
  }

  #leave(): void {
    if (this.#pool !== undefined) this.#ended.push(this.#pool.end().catch(() => undefined));
    this.#pool = undefined;
  }
}
