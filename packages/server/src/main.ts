import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { HealthLoop } from '@muster/controllers';
import type { Log } from '@muster/core';
import { createGateway } from '@muster/gateway';
import { openStore } from '@muster/store';
import { agentAddressesOf, identityHostsOf, publicUrlOf, socketPathOf } from './config/addresses.ts';
import type { Config } from './config/config.ts';
import { openDatabase } from './database.ts';
import { FleetTimes } from './fleet-times.ts';
import { eventPages } from './handlers/events.ts';
import { handlersOf } from './handlers/index.ts';
import { EventStream } from './http/event-stream.ts';
import { openListeners } from './http/listeners.ts';
import { openInstallationKeys } from './identity/installation-keys.ts';
import { KeptIdentity } from './identity/kept-identity.ts';
import { keptServerId } from './identity/server-id.ts';
import { openPeople } from './people/people.ts';
import { recordRun } from './record-run.ts';
import { Shutdown } from './shutdown.ts';
import { listenError } from './start-error.ts';
import { systemClock } from './system-clock.ts';
import { version } from './version.ts';

/** A running server. */
export type RunningServer = {
  readonly panelUrl: string;
  readonly socketPath: string;
  readonly dataDir: string;
  /** Resolves, with one line for people, when the server cannot go on: whoever started it stops it and ends with that. */
  readonly failed: Promise<Error>;
  /** Makes a one-time sign-in link for the panel. */
  signInLink(): Promise<string>;
  /** Stops in order: agents are told, watchers end, the database last. */
  stop(): Promise<void>;
};

export type StartOptions = {
  readonly config: Config;
  readonly log: Log;
  /** Folder of the built panel. */
  readonly panelDir: string;
  /** Called as the start proceeds, for people who wait. */
  readonly onProgress?: (step: string) => void;
};

/**
 * Constructs everything, in the order in which it is needed, and starts it.
 * @throws StartError, ConfigError, or an error of the store with one clear line each; what had started is stopped again
 */
export async function startServer({ config, log, panelDir, onProgress = () => {} }: StartOptions): Promise<RunningServer> {
  const shutdown = new Shutdown(log);
  const clock = systemClock;
  try {
    onProgress('database');
    const database = await openDatabase(config, clock, log);
    shutdown.add('database', () => database.stop());
    const { dataDir } = database;
    const store = await openStore({ connection: database.connection, log });
    shutdown.add('store', () => store.close());

    onProgress('certificate authority');
    const { authority, cookieSecret } = await openInstallationKeys(store, join(dataDir, 'master.key'), new Date(clock.wallMs()));
    const identity = await KeptIdentity.make({ authority, hosts: identityHostsOf(config), clock, log });
    const serverId = await keptServerId(join(dataDir, 'server-id'), randomUUID);

    onProgress('listeners');
    const { agents } = config;
    const { certificateLifetimeDays, joinTokenMinutes } = agents;
    const addresses = agentAddressesOf(config);
    const publicUrl = publicUrlOf(config);
    const times = new FleetTimes({ store, log, heartbeatSeconds: agents.heartbeatSeconds });
    await times.read();
    await store.presence.resetServer(serverId);
    const settings = () => times.settingsFor(addresses);
    const gateway = createGateway({
      store,
      authority,
      identity: identity.current,
      clock,
      log,
      serverId,
      certificateLifetimeDays,
      settings,
    });
    const health = new HealthLoop({ store, presence: gateway.presence, clock, log, timing: () => times.limits() });
    const people = openPeople({ store, secret: cookieSecret, publicUrl, log });
    const stream = new EventStream(log);
    const handlers = handlersOf({
      store,
      people,
      clock,
      log,
      version,
      caFingerprint: authority.fingerprint,
      agentAddresses: () => addresses,
      joinTokenMinutes,
      startedAt: new Date(clock.wallMs()),
      timing: () => times.now,
      graceLeftMs: () => health.graceLeftMs(),
    });
    const listener = await store.events.listen((event) => {
      health.invalidate();
      gateway.apply(event);
      stream.publish(event);
      times.apply(event, () => gateway.announceSettings());
    });
    shutdown.add('listener of events', () => listener.stop());
    await gateway.listen(agents.host, agents.port).catch((error: unknown) => {
      throw listenError(error, 'agents', agents.host, agents.port, 'agents.port');
    });
    shutdown.add('agents’ door', () => gateway.stop());
    const socketPath = socketPathOf(config, dataDir);
    const parts = { config, handlers, people, stream, pages: eventPages(store), log, version, panelDir, socketPath };
    const listeners = await openListeners({ ...parts, identity: identity.current });
    shutdown.add('listeners', () => listeners.close());
    stream.start();
    shutdown.add('stream of events', () => stream.stop());
    health.start();
    shutdown.add('health', () => health.stop());
    identity.start((renewed) => [gateway, listeners].forEach((one) => one.renewIdentity(renewed)));
    shutdown.add('own certificate', () => identity.stop());
    shutdown.add('record of this run', await recordRun(store, version, serverId));
    const signInLink = async () => (await people.makeLink('admin@muster.local')).url;
    return { panelUrl: publicUrl, socketPath, dataDir, failed: database.lost, signInLink, stop: () => shutdown.run() };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}
