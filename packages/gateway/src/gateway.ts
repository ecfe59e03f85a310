import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeCodes, type Event } from '@muster/api';
import { RateLimit } from '@muster/core';
import { ArtifactDownloads } from './artifact-downloads.ts';
import { Desk } from './desk.ts';
import { type Door, makeDoor } from './door.ts';
import { secureContextOf } from './door-identities.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { HeartbeatWriter } from './heartbeat-writer.ts';
import { MemberDoor } from './member-door.ts';
import { type JournalPort, Journals } from './journals.ts';
import { NodeWrites } from './node-writes.ts';
import { checkPeer } from './peer-check.ts';
import { Presence } from './presence.ts';
import { Refusals } from './refusals.ts';
import { Rounds } from './rounds.ts';
import { Sessions } from './sessions.ts';
import { sweepEnded } from './sweep-ended.ts';
import { TrustDesk } from './trust-desk.ts';
import { TaskDelivery } from './task-delivery.ts';

/** The agents' door. */
export type Gateway = {
  readonly presence: Presence;
  readonly journals: JournalPort;
  /** Refused connections and enrolments by reason, since the start. */
  refusals(): ReadonlyMap<string, number>;
  /** Starts to listen, and says on which port: for 0 the system chooses. @throws the error of `listen`, as EADDRINUSE */
  listen(host: string, port: number): Promise<number>;
  /** Sends the settings anew to every connected agent, or to those of these nodes: as when the order of their servers has changed. */
  announceSettings(nodeIds?: ReadonlySet<string>): void;
  /**
   * Asks the agents of these nodes to go over to the first of their servers, each at a moment of its own within so many seconds, and to prefer
   * them in this order. Returns the nodes that were told: those connected here whose list has a server. An agent of an older version
   * ignores it; who has gone is seen in `presence` of the other server.
   */
  move(nodeIds: Iterable<string>, serversOf: (nodeId: string) => readonly string[], withinSeconds: number): string[];
  /** Ends what an event made void: the connections of a removed node, or of a revoked certificate. Brings the tasks that it tells of. */
  apply(event: Event): void;
  /** Authorities or the server's own certificates have changed: the next connection sees it, open ones stay, and their agents are told. */
  authoritiesChanged(): void;
  /** Asks all agents to go to other servers; the door stays open. */
  letGo(): void;
  /** Tells the agents to come back later, waits some seconds for their connections and for what is to be written, stops. */
  stop(): Promise<void>;
};

/** How long a stop waits for the sessions and their writes. */
const stopLimitMs = 3000;
const sweepMs = 5000;
/** Anybody can show a certificate of an authority that is not known here. */
const lookAgainLimit = { perMinute: 60, burst: 10 };
/** How often open connections are compared with the store, where no event came: a revoked certificate ends within five seconds. */
const endedMs = 2000;
const trustMs = 1000;
/** Connections that wait to be taken: the agents of a server that died come within a second, and one that finds no room comes a second later. */
const backlog = 4096;
/** A connection with nothing to hear for so many time-outs belongs to a host that is gone. */
const silentTimeouts = 2;

/** Makes the agents' door: enrolment, then only mutually authenticated connections. */
export function createGateway(options: GatewayOptions): Gateway {
  const { store, authorities, clock, log, serverId, settings } = options;
  const timeoutMs = () => settings().timeoutSeconds * 1000;
  const presence = new Presence(clock);
  const sessions = new Sessions(clock);
  const writes = new NodeWrites(log);
  const trust = new TrustDesk(options);
  const tasks = new TaskDelivery({ store, presence, clock, log, serverId });
  const journals = new Journals(presence, log);
  const desk = new Desk({ ...options, presence, trust, writes, tasks, journals });
  const refusals = new Refusals(clock, log, (event) => store.events.append(event));
  const peers = { authorities, store, clock, lookAgain: new RateLimit(clock, lookAgainLimit) };
  const members = new MemberDoor({ peers, members: options.members ?? (() => undefined) });
  const downloads = new ArtifactDownloads({
    ...options,
    check: (socket) => checkPeer(socket, peers),
    memberAt: (socket) => members.memberAt(socket),
    onRefused: ({ refusal, nodeId, nodeName }, address) => refusals.note(refusal, { address, nodeId, nodeName }),
  });
  const door = makeDoor({ ...options, desk, sessions, refusals, downloads, peers, memberDoor: members });
  const writer = new HeartbeatWriter({ presence, log, timeoutMs, write: (heard) => store.presence.recordHeartbeats(heard, serverId) });
  const rounds = new Rounds();
  return {
    presence,
    journals,
    refusals: () => refusals.counts(),
    listen: async (host, port) => {
      const opened = await listen(door.server, host, port);
      writer.start();
      rounds.every(sweepMs, async () => sessions.dropSilent(timeoutMs() * silentTimeouts));
      rounds.every(endedMs, () => sweepEnded({ sessions, certificates: store.certificates, clock, log }));
      rounds.every(trustMs, () => trust.tick());
      tasks.start();
      return opened;
    },
    announceSettings: (nodeIds) =>
      sessions.announce((nodeId) =>
        nodeIds === undefined || nodeIds.has(nodeId) ? { type: 'settings', settings: settings(nodeId) } : undefined,
      ),
    move: (nodeIds, serversOf, withinSeconds) =>
      [...nodeIds].filter((nodeId) => tellToMove(presence, nodeId, serversOf(nodeId), withinSeconds)),
    apply: (event) => {
      sessions.apply(event);
      downloads.apply(event);
      trust.apply(event);
      tasks.apply(event);
      if (event.kind === 'node-removed' && event.nodeId !== null) presence.forget(event.nodeId);
    },
    authoritiesChanged: () => {
      door.server.setSecureContext(secureContextOf(authorities.shown(), authorities));
      void trust.tick();
    },
    letGo: () => sessions.closeAll(closeCodes.goingAway, 'this server cannot reach its database'),
    stop: async () => {
      await rounds.stop();
      await tasks.stop();
      await close(door, sessions, writes);
      await writer.stop();
    },
  };
}

function tellToMove(presence: Presence, nodeId: string, servers: readonly string[], withinSeconds: number): boolean {
  const connection = presence.connectionOf(nodeId);
  if (connection === undefined || servers.length === 0) return false;
  connection.send({ type: 'move', servers, withinSeconds });
  return true;
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
    server.listen({ host, port, ipv6Only: false, backlog }, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
