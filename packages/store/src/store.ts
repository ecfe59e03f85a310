import type { Event } from '@muster/api';
import type { Log } from '@muster/core';
import { sql } from 'kysely';
import pg from 'pg';
import { patientClientConfig, type StoreConnection } from './connection.ts';
import { type Database, makeDatabase } from './database.ts';
import { codeOf, storeError } from './database-error.ts';
import { requireDurable } from './durability.ts';
import { StoreRefused } from './errors.ts';
import { migrate, ownMigrations } from './migrate.ts';
import { type AuthorityTable, authorityTable } from './tables/authority.ts';
import { type CertificateTable, certificateTable } from './tables/certificates.ts';
import { type EnrolmentTable, enrolmentTable } from './tables/enrolment.ts';
import { type EventListener, listenToEvents } from './tables/event-listener.ts';
import { type EventTable, eventTable } from './tables/events.ts';
import { type HealthTable, healthTable } from './tables/node-health.ts';
import { type ObservationTable, observationTable } from './tables/node-observations.ts';
import { type PresenceTable, presenceTable } from './tables/node-presence.ts';
import { type NodeTable, nodeTable } from './tables/nodes.ts';

/**
 * Everything Muster keeps. Each function is one statement or one transaction: when it has resolved, what it wrote survives a crash
 * of server and database. All moments and ages are the database's. Any function may throw StoreUnavailable.
 */
export type Store = {
  readonly nodes: NodeTable;
  readonly presence: PresenceTable;
  readonly health: HealthTable;
  readonly observations: ObservationTable;
  readonly certificates: CertificateTable;
  readonly enrolment: EnrolmentTable;
  readonly events: EventTable & {
    /** Calls back with each event committed from now on, in order, each once, also across lost connections. @throws StoreUnavailable */
    listen(onEvent: (event: Event) => void): Promise<EventListener>;
  };
  readonly authority: AuthorityTable;
  /** The tables of people (migration 0002), for better-auth alone; everything else goes through the functions here. */
  readonly people: Database['foreign'];
  /** Resolves when the database answers. @throws StoreUnavailable */
  ready(): Promise<void>;
  /** Ends listeners and connections. Idempotent. */
  close(): Promise<void>;
};

export type StoreOptions = {
  readonly connection: StoreConnection;
  readonly log: Log;
  /** The folder of the migrations, where it is not beside the sources: a bundled server. */
  readonly migrationsDir?: string;
};

/** At the start a wrong password is a mistake to be told at once, not a condition that passes. */
function startError(error: unknown): unknown {
  const code = codeOf(error);
  const said = error instanceof Error ? error.message : String(error);
  if (code?.startsWith('28') === true) {
    return new StoreRefused('sign-in-refused', `The database refuses the sign-in (${said}). Correct user and password in its URL.`, {
      cause: error,
    });
  }
  if (code === '3D000')
    return new StoreRefused('no-database', `There is no such database (${said}). Create it, owned by Muster's role, or correct the URL.`, {
      cause: error,
    });
  return storeError(error);
}

async function prepare({ connection, log, migrationsDir = ownMigrations }: StoreOptions): Promise<void> {
  const client = new pg.Client(patientClientConfig(connection));
  client.on('error', (error) => log.warn({ error: error.message }, 'the connection to the database was lost during the start'));
  try {
    await client.connect();
    await requireDurable(client);
    await migrate(client, migrationsDir, log);
  } catch (error) {
    throw startError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Opens the store: checks that the database keeps what it acknowledges, and brings its schema up to date.
 * @throws StoreRefused when it must not be used as it is; StoreUnavailable when it cannot be reached now
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  await prepare(options);
  const { connection, log } = options;
  const database = makeDatabase(connection, log);
  const listeners = new Set<EventListener>();
  return {
    nodes: nodeTable(database),
    presence: presenceTable(database),
    health: healthTable(database),
    observations: observationTable(database),
    certificates: certificateTable(database),
    enrolment: enrolmentTable(database),
    authority: authorityTable(database),
    people: database.foreign,
    events: {
      ...eventTable(database),
      listen: async (onEvent) => {
        const listener = await listenToEvents(connection, onEvent, log);
        listeners.add(listener);
        return listener;
      },
    },
    ready: () => database.run(async (queries) => void (await sql`select 1`.execute(queries))),
    close: async () => {
      await Promise.all([...listeners].map((listener) => listener.stop()));
      await database.close();
    },
  };
}
