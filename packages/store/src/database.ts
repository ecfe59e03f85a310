import type { Log } from '@muster/core';
import { Kysely, PostgresDialect, type PostgresPoolClient, type Transaction } from 'kysely';
import pg from 'pg';
import { PoolOfCopy } from './primary/pool-of-copy.ts';
import { PoolOfPrimary } from './primary/pool-of-primary.ts';
import type { Route } from './primary/route.ts';
import { endsConnection, lostToAnother, storeError } from './database-error.ts';
import { copyForReading } from './reading.ts';
import type { Schema } from './schema.ts';

/** Either the pool or one transaction: what a query is made with. */
export type Queries = Kysely<Schema>;

/** The way of all tables to the database. Errors come out typed (see `storeError`). */
export type Database = {
  /** Runs one statement. */
  run<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /**
   * Runs several statements in one transaction. When it loses against another one (deadlock, serialisation) it had no effect
   * and is run again, so `work` may be called up to three times.
   */
  transaction<T>(work: (queries: Transaction<Schema>) => Promise<T>): Promise<T>;
  /**
   * For a library that brings queries of its own. Values are as the driver reads them (a moment is a `Date`, by which such a library
   * judges what has expired), and its errors as the driver made them.
   */
  readonly foreign: Kysely<unknown>;
  close(): Promise<void>;
};

const attempts = 3;

async function mapped<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (lostToAnother(error) && attempt < attempts) continue;
      throw storeError(error);
    }
  }
}

/** A pool's client that is thrown away, not reused, after an error that ended its connection or left a query on it. */
function watched(client: pg.PoolClient, types: pg.CustomTypesConfig | undefined): PostgresPoolClient {
  let broken = false;
  const ignore = () => {
    broken = true;
  };
  // Without this a connection lost between two queries of one transaction would end the process.
  client.on('error', ignore);
  const proxy = {
    query: async (text: string, values: readonly unknown[]) => {
      try {
        return await client.query({ text, values: [...values], ...(types === undefined ? {} : { types }) });
      } catch (error) {
        broken ||= endsConnection(error);
        throw error;
      }
    },
    release: (destroy?: boolean) => {
      client.off('error', ignore);
      client.release(broken || destroy === true);
    },
  };
  // The driver asks for more than it uses of a client: cursors, which nothing here has.
  return proxy as unknown as PostgresPoolClient;
}

/** Makes the pool. Nothing is connected before the first query. */
export function makeDatabase(route: Route, log: Log): Database {
  const pool = new PoolOfPrimary(route, log);
  const copies = new PoolOfCopy(log);
  const connect = (): Promise<pg.PoolClient> => {
    const copy = copyForReading(route);
    return copy === undefined ? pool.connect() : copies.connect(copy);
  };
  const dialect = (types?: pg.CustomTypesConfig) =>
    new PostgresDialect({
      pool: { options: {}, connect: async () => watched(await connect(), types), end: () => Promise.resolve() },
    });
  const own = new Kysely<Schema>({ dialect: dialect() });
  const foreign = new Kysely<unknown>({ dialect: dialect(pg.types) });
  let closing: Promise<void> | undefined;
  return {
    run: (work) => mapped(() => work(own)),
    transaction: (work) => mapped(() => own.transaction().execute(work)),
    foreign,
    close: () =>
      (closing ??= Promise.all([own.destroy(), foreign.destroy()])
        .then(() => Promise.all([pool.end(), copies.end()]))
        .then(() => undefined)),
  };
}
