import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { HealthLoop } from '@muster/controllers';
import { type FleetTiming, fleetTiming, type Log, restartGraceSeconds } from '@muster/core';
import { createGateway } from '@muster/gateway';
import { openStore } from '@muster/store';
import type { Config } from './config/config.ts';
import { openDatabase } from './database.ts';
import { handlersOf } from './handlers/index.ts';
import { eventReplay } from './handlers/events.ts';
import { EventStream } from './http/event-stream.ts';
import { openListeners } from './http/listeners.ts';
import { openInstallationKeys } from './identity/installation-keys.ts';
import { keptServerId } from './identity/server-id.ts';
import { makeServerIdentity } from './identity/server-identity.ts';
import { agentAddressesOf, publicUrlOf, socketPathOf } from './config/addresses.ts';
import { openPeople } from './people/people.ts';
import { listenError } from './start-error.ts';
import { systemClock } from './system-clock.ts';
import { version } from './version.ts';

/** A running server. */
export type RunningServer = {
  readonly panelUrl: string;
  readonly socketPath: string;
  readonly dataDir: string;
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
  const started: (() => Promise<unknown> | void)[] = [];
  const stop = async () => {
    for (const end of started.splice(0).toReversed()) await end();
  };
  try {
    onProgress('database');
    const database = await openDatabase(config, log);
    started.push(() => database.stop());
    const { dataDir } = database;
    const store = await openStore({ connection: database.connection, log });
    started.push(() => store.close());

    onProgress('certificate authority');
    const clock = systemClock;
    const { authority, cookieSecret } = await openInstallationKeys(store, join(dataDir, 'master.key'), new Date(clock.wallMs()));
    const addresses = agentAddressesOf(config);
    const publicUrl = publicUrlOf(config);
    const identity = await makeServerIdentity(authority, [config.http.host, ...addresses, new URL(publicUrl).host], new Date(clock.wallMs()));
    const serverId = await keptServerId(join(dataDir, 'server-id'), randomUUID);

    onProgress('listeners');
    let timing: FleetTiming = fleetTiming((await store.nodes.countByHealth()).total, config.agents.heartbeatSeconds);
    await store.presence.resetServer(serverId);
    const gateway = createGateway({
      store,
      authority,
      identity,
      clock,
      log,
      serverId,
      certificateLifetimeDays: config.agents.certificateLifetimeDays,
      settings: () => ({ ...timing, servers: addresses }),
    });
    const health = new HealthLoop({
      store,
      presence: gateway.presence,
      clock,
      log,
      timing: () => ({ timeoutMs: timing.timeoutSeconds * 1000, graceMs: restartGraceSeconds(timing) * 1000 }),
    });
    const people = openPeople({ database: store.people, secret: cookieSecret, publicUrl });
    const stream = new EventStream(log);
    const handlers = handlersOf({
      store,
      people,
      clock,
      version,
      caFingerprint: authority.fingerprint,
      agentAddresses: () => addresses,
      joinTokenMinutes: config.agents.joinTokenMinutes,
      startedAt: new Date(clock.wallMs()),
      timing: () => timing,
      graceLeftMs: () => health.graceLeftMs(),
    });
    const retime = async () => {
      const next = fleetTiming((await store.nodes.countByHealth()).total, config.agents.heartbeatSeconds);
      if (next.heartbeatSeconds === timing.heartbeatSeconds) return;
      timing = next;
      gateway.announceSettings();
    };
    const listener = await store.events.listen((event) => {
      health.invalidate();
      gateway.apply(event);
      stream.publish(event);
      if (event.kind === 'node-added' || event.kind === 'node-removed') {
        retime().catch((error: unknown) => log.warn({ error: String(error) }, 'the size of the fleet could not be read'));
      }
    });
    started.push(() => listener.stop());
    await gateway.listen(config.agents.host, config.agents.port).catch((error: unknown) => {
      throw listenError(error, 'agents', config.agents.host, config.agents.port, 'agents.port');
    });
    started.push(() => gateway.stop());
    const socketPath = socketPathOf(config, dataDir);
    const listeners = await openListeners({ config, handlers, people, stream, replay: eventReplay(store), log, version, panelDir, identity, socketPath });
    started.push(() => listeners.close());
    stream.start();
    started.push(() => stream.stop());
    health.start();
    started.push(() => health.stop());
    await store.events.append({ kind: 'server-started', severity: 'info', nodeId: null, nodeName: null, message: `Server ${version} started.`, data: { serverId } });
    const makeLink = async () => (await people.makeLink('admin@muster.local')).url;
    return { panelUrl: publicUrl, socketPath, dataDir, signInLink: makeLink, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
