import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeCodes, type Event } from '@muster/api';
import { Desk } from './desk.ts';
import { type Door, makeDoor, secureContextOf } from './door.ts';
import type { DoorIdentity, GatewayOptions } from './gateway-options.ts';
import { HeartbeatWriter } from './heartbeat-writer.ts';
import { NodeWrites } from './node-writes.ts';
import { Presence } from './presence.ts';
import { Refusals } from './refusals.ts';
import { Sessions } from './sessions.ts';

/** The agents' door. */
export type Gateway = {
  readonly presence: Presence;
  /** Refused connections and enrolments by reason, since the start. */
  refusals(): ReadonlyMap<string, number>;
  /** Starts to listen, and says on which port: for 0 the system chooses. @throws the error of `listen`, as EADDRINUSE */
  listen(host: string, port: number): Promise<number>;
  /** Sends the settings anew to every connected agent. */
  announceSettings(): void;
  /** Ends what an event made void: the connections of a removed node, or of a revoked certificate. */
  apply(event: Event): void;
  /** Shows another certificate from the next connection on; open ones stay. */
  renewIdentity(identity: DoorIdentity): void;
  /** Tells the agents to come back later, waits some seconds for their connections and for what is to be written, stops. */
  stop(): Promise<void>;
};

/** How long a stop waits for the sessions and their writes. */
const stopLimitMs = 3000;
const sweepMs = 5000;
/** A connection with nothing to hear for so many time-outs belongs to a host that is gone. */
const silentTimeouts = 2;

/** Makes the agents' door: enrolment, then only mutually authenticated connections. */
export function createGateway(options: GatewayOptions): Gateway {
  const { store, authority, clock, log, serverId, settings } = options;
  const timeoutMs = () => settings().timeoutSeconds * 1000;
  const presence = new Presence(clock);
  const sessions = new Sessions(clock);
  const writes = new NodeWrites(log);
  const desk = new Desk({ ...options, presence, sessions, writes });
  const refusals = new Refusals(clock, log, (event) => store.events.append(event));
  const door = makeDoor({ ...options, desk, sessions, refusals });
  const writer = new HeartbeatWriter({ presence, log, timeoutMs, write: (heard) => store.presence.recordHeartbeats(heard, serverId) });
  let sweep: NodeJS.Timeout | undefined;
  return {
    presence,
    refusals: () => refusals.counts(),
    listen: async (host, port) => {
      const opened = await listen(door.server, host, port);
      writer.start();
      sweep = setInterval(() => sessions.dropSilent(timeoutMs() * silentTimeouts), sweepMs);
      return opened;
    },
    announceSettings: () => sessions.announce({ type: 'settings', settings: settings() }),
    apply: (event) => {
      sessions.apply(event);
      if (event.kind === 'node-removed' && event.nodeId !== null) presence.forget(event.nodeId);
    },
    renewIdentity: (identity) => door.server.setSecureContext(secureContextOf(identity, authority)),
    stop: async () => {
      clearInterval(sweep);
      await close(door, sessions, writes);
      await writer.stop();
    },
  };
}

/** Closes the door and ends the sessions, so that afterwards nothing here uses the store any more. */
async function close({ server, sockets }: Door, sessions: Sessions, writes: NodeWrites): Promise<void> {
  server.close();
  sockets.close();
  sessions.closeAll(closeCodes.goingAway, 'the server is going down');
  const timer = new AbortController();
  const limit = sleep(stopLimitMs, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([sessions.ended().then(() => writes.settled()), limit]);
  timer.abort();
  writes.abandon();
  server.closeAllConnections();
  sessions.terminateAll();
  await Promise.race([writes.settled(), sleep(0)]);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: false }, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
