import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock, Log } from '@muster/core';
import { openStore, type Store } from '@muster/store';
import { ArtifactFiles } from '../artifacts/artifact-files.ts';
import type { KeyProtector } from '@muster/trust';
import { identityHostsOf } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import { openDatabase } from '../database.ts';
import { masterKeyName, openInstallationKeys } from '../identity/installation-keys.ts';
import type { SecretSealer } from '../identity/secret-sealer.ts';
import { keptServerId } from '../identity/server-id.ts';
import type { Shutdown } from '../shutdown.ts';
import { openStoreWhenThere } from './open-store-when-there.ts';
import { systemClock } from '../system-clock.ts';
import { KeptAuthorities } from '../trust/kept-authorities.ts';

/** What everything else stands on: the store, the keys of this installation, and who this server is. */
export type Foundation = {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly store: Store;
  readonly dataDir: string;
  readonly artifactFiles: ArtifactFiles;
  readonly authorities: KeptAuthorities;
  /** The file of the key that seals all others. */
  readonly masterKeyPath: string;
  readonly protector: KeyProtector;
  readonly controlProtector: KeyProtector;
  readonly sealer: SecretSealer;
  readonly cookieSecret: string;
  readonly serverId: string;
  /** Of this process, another one after each start. */
  readonly run: string;
  /** The release of this server. */
  readonly version: string;
  readonly startedAt: Date;
  /** Resolves when the embedded database ended and could not be brought back. */
  readonly databaseLost: Promise<Error>;
};

export type FoundationOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly shutdown: Shutdown;
  readonly onProgress: (step: string) => void;
  /** Ends the wait for the database. */
  readonly signal: AbortSignal | undefined;
  readonly version: string;
  readonly migrationsDir: string | undefined;
};

/**
 * Opens database and keys; what was opened is handed to `shutdown` at once. A database that does not answer yet is waited for.
 * @throws StartError, StoreRefused, TrustError; the signal's reason
 */
export async function openFoundation({ config, log, shutdown, onProgress, version, ...options }: FoundationOptions): Promise<Foundation> {
  const clock = systemClock;
  onProgress('database');
  const database = await openDatabase(config, clock, log);
  shutdown.add('database', () => database.stop());
  const { dataDir } = database;
  const serverId = await keptServerId(join(dataDir, 'server-id'), randomUUID);
  const { migrationsDir, signal } = options;
  const opening = { connection: database.connection, log, serverId, ...(migrationsDir === undefined ? {} : { migrationsDir }) };
  const store = await openStoreWhenThere({ open: () => openStore(opening), config, dataDir, log, signal });
  shutdown.add('store', () => store.close());

  onProgress('certificate authority');
  const masterKeyPath = join(dataDir, masterKeyName);
  const startedAt = new Date(clock.wallMs());
  const { state, protector, ...keys } = await openInstallationKeys(store, masterKeyPath, startedAt);
  const artifactFiles = new ArtifactFiles(dataDir);
  const ofServer = { hosts: identityHostsOf(config), serverId, serverName: hostname() };
  const authorities = await KeptAuthorities.open({ store, protector, ...ofServer, clock, log }, state);
  const { lost: databaseLost } = database;
  return {
    config,
    log,
    clock,
    store,
    dataDir,
    artifactFiles,
    authorities,
    masterKeyPath,
    protector,
    ...keys,
    serverId,
    run: randomUUID(),
    version,
    startedAt,
    databaseLost,
  };
}
