import type { Event } from '@muster/api';
import type { DatabaseSight, Log } from '@muster/core';
import { sql } from 'kysely';
import pg from 'pg';
import { patientClientConfig, type StoreConnection } from './connection.ts';
import { type Database, makeDatabase } from './database.ts';
import { codeOf, storeError } from './database-error.ts';
import { requireDurable } from './durability.ts';
import { StoreRefused, StoreUnavailable } from './errors.ts';
import { migrate, ownMigrations, readMigrations, requireMigratable } from './migrate.ts';
import { seeDatabase } from './primary/database-sight.ts';
import { openRoute, type Route } from './primary/route.ts';
import { type Reading, readingFrom } from './reading.ts';
import { type SnapshotOptions, takeSnapshot } from './backup/take-snapshot.ts';
import { type AdministrationTable, administrationTable } from './tables/administration.ts';
import { type ApiKeyTable, apiKeyTable } from './tables/api-keys.ts';
import { type AuditTable, auditTable } from './tables/audit.ts';
import { type AgentControlTable, agentControlTable } from './tables/agent-control.ts';
import { type ConsoleHoldTable, consoleHoldTable } from './tables/console-holds.ts';
import { type ControllerTable, controllerTable } from './tables/controllers.ts';
import { type AuthorityTable, authorityTable } from './tables/authority.ts';
import { type ArtifactTable, artifactTable } from './tables/artifacts.ts';
import { type CertificateJournalTable, certificateJournalTable } from './tables/certificate-journal.ts';
import { type CertificateTable, certificateTable } from './tables/certificates.ts';
import { type EnvironmentPackagesTable, environmentPackagesTable } from './tables/environment-packages.ts';
import { type EnvironmentTable, environmentTable } from './tables/environments.ts';
import { type EnvironmentWorkTable, environmentWorkTable } from './tables/environment-work.ts';
import { type DeliveryTable, deliveryTable } from './tables/deliveries.ts';
import { type EnrolmentTable, enrolmentTable } from './tables/enrolment.ts';
import { type EventListener, listenToEvents } from './tables/event-listener.ts';
import { type EventTable, eventTable } from './tables/events.ts';
import { type FigureTable, figureTable } from './tables/fleet-figures.ts';
import { type SampleTable, sampleTable } from './tables/fleet-samples.ts';
import { type KnownNamesTable, knownNamesTable } from './tables/known-names.ts';
import { type IdentityTable, identityTable } from './tables/identities.ts';
import { fencedBy, type HeldLease, type LeaseTable, leaseTable } from './tables/leases.ts';
import { type NodeServerTable, nodeServerTable } from './tables/node-servers.ts';
import { type MemberTable, memberTable } from './tables/members.ts';
import { type LivenessBrakeTable, livenessBrakeTable } from './tables/liveness-brake.ts';
import { type NodeAgentTable, nodeAgentTable } from './tables/node-agent.ts';
import { type HealthTable, healthTable } from './tables/node-health.ts';
import { type ObservationTable, observationTable } from './tables/node-observations.ts';
import { type PresenceTable, presenceTable } from './tables/node-presence.ts';
import { type NodeTable, nodeTable } from './tables/nodes.ts';
import { type WebhookTable, webhookTable } from './tables/notification-targets.ts';
import { type SubscriptionTable, subscriptionTable } from './tables/subscriptions.ts';
import { type ProvisionRunTable, provisionRunTable } from './tables/provision-runs.ts';
import { type SavedInventoryTable, savedInventoryTable } from './tables/saved-inventories.ts';
import { type ServerRunTable, serverRunTable } from './tables/server-runs.ts';
import { type ViewTable, viewTable } from './tables/views.ts';
import { type OperationTable, operationTable } from './tables/operations.ts';
import { type StoppedServiceTable, stoppedServiceTable } from './tables/stopped-services.ts';
import { type TaskDeliveryTable, taskDeliveryTable } from './tables/task-delivery.ts';
import { type TaskTable, taskTable } from './tables/tasks.ts';
import { type PeopleTable, peopleTable } from './tables/people.ts';
import { type SignInLinkTable, signInLinkTable } from './tables/sign-in-links.ts';

/**
 * Everything Muster keeps. Each function is one statement or one transaction: when it has resolved, what it wrote survives a crash
 * of server and database. All moments and ages are the database's. Any function may throw StoreUnavailable.
 */
export type StoreTables = {
  readonly nodes: NodeTable;
  readonly presence: PresenceTable;
  readonly health: HealthTable;
  readonly observations: ObservationTable;
  readonly certificates: CertificateTable;
  readonly certificateJournal: CertificateJournalTable;
  readonly enrolment: EnrolmentTable;
  readonly administration: AdministrationTable;
  readonly views: ViewTable;
  readonly runs: ProvisionRunTable;
  readonly serverRuns: ServerRunTable;
  readonly inventories: SavedInventoryTable;
  readonly names: KnownNamesTable;
  readonly events: EventTable;
  readonly members: MemberTable;
  readonly leases: LeaseTable;
  readonly places: NodeServerTable;
  readonly authority: AuthorityTable;
  readonly agentControl: AgentControlTable;
  readonly controllers: ControllerTable;
  readonly consoles: ConsoleHoldTable;
  readonly agents: NodeAgentTable;
  readonly brake: LivenessBrakeTable;
  readonly webhooks: WebhookTable;
  readonly subscriptions: SubscriptionTable;
  readonly deliveries: DeliveryTable;
  readonly samples: SampleTable;
  readonly figures: FigureTable;
  readonly operations: OperationTable;
  readonly tasks: TaskTable;
  readonly delivery: TaskDeliveryTable;
  readonly people: PeopleTable;
  readonly identities: IdentityTable;
  readonly signInLinks: SignInLinkTable;
  readonly apiKeys: ApiKeyTable;
  readonly audit: AuditTable;
  readonly artifacts: ArtifactTable;
  readonly environments: EnvironmentTable;
  readonly environmentWork: EnvironmentWorkTable;
  readonly environmentPackages: EnvironmentPackagesTable;
  readonly stoppedServices: StoppedServiceTable;
};

/** The tables, and what concerns the database as a whole. */
export type Store = StoreTables & {
  readonly events: EventTable & {
    /** Calls back with each event committed from now on, in order, each once, also across lost connections. @throws StoreUnavailable */
    listen(onEvent: (event: Event) => void): Promise<EventListener>;
  };
  /** The tables of accounts and sessions (migration 0002), for better-auth alone; everything else goes through the functions here. */
  readonly accounts: Database['foreign'];
  /** The same tables for whoever holds a lease: each function throws LeaseLost, and does nothing, once it is not held any more. */
  under(lease: HeldLease): StoreTables;
  /** Everything that is kept, at one moment; see `takeSnapshot`. @throws StoreUnavailable */
  snapshot(about: Omit<SnapshotOptions, 'connection'>): AsyncGenerator<Uint8Array>;
  /**
   * Runs what only reads, from a copy while no database takes writes; see `readingFrom`. `reading` says afterwards how old it may be.
   * @throws StoreUnavailable
   */
  reading<T>(reading: Reading, work: () => Promise<T>): Promise<T>;
  /** The database itself and its copies, as this process sees them. Answers while the database is away too; never rejects. */
  sight(): Promise<DatabaseSight>;
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
  /** The server that opens it; its row among the members is not taken for another server. */
  readonly serverId?: string;
};

/** At the start a wrong password is a mistake to be told at once, not a condition that passes. */
function startError(caught: unknown): unknown {
  // Of several databases none may take writes because all refuse the sign-in.
  const error = caught instanceof StoreUnavailable && caught.cause !== undefined ? caught.cause : caught;
  const code = codeOf(error);
  const said = error instanceof Error ? error.message : String(error);
  if (code?.startsWith('28') === true) {
    return new StoreRefused('sign-in-refused', `The database refuses the sign-in (${said}). Correct user and password in its URL.`, {
      cause: error,
    });
  }
  if (code === '3D000')
    return new StoreRefused(
      'no-database',
      `There is no such database (${said}). Create it, owned by Muster's role, or correct the URL.`,
      {},
    );
  return storeError(caught);
}

/** With one connection to the database that takes writes. @throws StoreRefused, StoreUnavailable */
async function withClient(route: Route, log: Log, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  let client: pg.Client | undefined;
  try {
    client = new pg.Client(patientClientConfig(await route.current()));
    client.on('error', (error) => log.warn({ error: error.message }, 'the connection to the database was lost during the start'));
    await client.connect();
    await work(client);
  } catch (error) {
    route.stop();
    throw startError(error);
  } finally {
    await client?.end().catch(() => undefined);
  }
}

/**
 * Looks whether `openStore` could bring the database up to date while the servers that work with it now go on. Changes nothing.
 * @throws StoreRefused when not; StoreUnavailable when it cannot be reached now
 */
export async function checkStore({ connection, log, migrationsDir = ownMigrations, serverId = '' }: StoreOptions): Promise<void> {
  const route = openRoute(connection, log);
  await withClient(route, log, async (client) => {
    await requireDurable(client);
    await requireMigratable(client, migrationsDir, serverId);
  });
  route.stop();
}

/** `schema`: the newest that this Muster knows. */
function tablesOf(database: Database, schema: number): StoreTables {
  return {
    nodes: nodeTable(database),
    presence: presenceTable(database),
    health: healthTable(database),
    observations: observationTable(database),
    certificates: certificateTable(database),
    certificateJournal: certificateJournalTable(database),
    enrolment: enrolmentTable(database),
    administration: administrationTable(database),
    views: viewTable(database),
    runs: provisionRunTable(database),
    serverRuns: serverRunTable(database),
    inventories: savedInventoryTable(database),
    names: knownNamesTable(database),
    authority: authorityTable(database),
    agentControl: agentControlTable(database),
    controllers: controllerTable(database),
    consoles: consoleHoldTable(database),
    agents: nodeAgentTable(database),
    brake: livenessBrakeTable(database),
    webhooks: webhookTable(database),
    subscriptions: subscriptionTable(database),
    deliveries: deliveryTable(database),
    samples: sampleTable(database),
    figures: figureTable(database),
    operations: operationTable(database),
    tasks: taskTable(database),
    delivery: taskDeliveryTable(database),
    people: peopleTable(database),
    identities: identityTable(database),
    signInLinks: signInLinkTable(database),
    apiKeys: apiKeyTable(database),
    audit: auditTable(database),
    artifacts: artifactTable(database),
    environments: environmentTable(database),
    environmentWork: environmentWorkTable(database),
    environmentPackages: environmentPackagesTable(database),
    stoppedServices: stoppedServiceTable(database),
    events: eventTable(database),
    members: memberTable(database, schema),
    leases: leaseTable(database),
    places: nodeServerTable(database),
  };
}

/**
 * Opens the store: checks that the database keeps what it acknowledges, and brings its schema up to date.
 * @throws StoreRefused when it must not be used as it is; StoreUnavailable when it cannot be reached now
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { connection, log, migrationsDir } = options;
  const route = openRoute(connection, log);
  await withClient(route, log, async (client) => {
    await requireDurable(client);
    await migrate(client, migrationsDir ?? ownMigrations, options);
  });
  const schema = (await readMigrations(migrationsDir ?? ownMigrations)).length;
  const database = makeDatabase(route, log);
  const listeners = new Set<EventListener>();
  return {
    ...tablesOf(database, schema),
    accounts: database.foreign,
    under: (lease) => tablesOf(fencedBy(lease, database), schema),
    events: {
      ...eventTable(database),
      listen: async (onEvent) => {
        const listener = await listenToEvents(route, onEvent, log);
        listeners.add(listener);
        return listener;
      },
    },
    async *snapshot(about) {
      yield* takeSnapshot({ connection: await route.current(), ...(migrationsDir === undefined ? {} : { migrationsDir }), ...about });
    },
    reading: (reading, work) => readingFrom(route, reading, work),
    sight: () => seeDatabase(database, route, 'url' in connection ? connection : {}),
    ready: () => database.run(async (queries) => void (await sql`select 1`.execute(queries))),
    close: async () => {
      await Promise.all([...listeners].map((listener) => listener.stop()));
      await database.close();
      route.stop();
    },
  };
}
