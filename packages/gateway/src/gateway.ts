import { createServer, type Server } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { closeCodes, type AgentSettings, type Event, maxMessageBytes, problem } from '@muster/api';
import { type Clock, type Log, RateLimit } from '@muster/core';
import { isStoreUnavailable, type Store } from '@muster/store';
import type { Authority } from '@muster/trust';
import { WebSocketServer } from 'ws';
import { Desk } from './desk.ts';
import { answerEnrolment, sendJson } from './enrol.ts';
import { HeartbeatWriter } from './heartbeat-writer.ts';
import { checkPeer } from './peer-check.ts';
import { Presence } from './presence.ts';
import { Refusals, type RefusedPeer } from './refusals.ts';
import { Session } from './session.ts';

export type GatewayOptions = {
  readonly store: Store;
  readonly authority: Authority;
  /** The server's own certificate chain and key, PEM. */
  readonly identity: { readonly chainPem: string; readonly keyPem: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly serverId: string;
  readonly certificateLifetimeDays: number;
  /** What agents are told now; asked anew for each welcome. */
  readonly settings: () => AgentSettings;
};

/** The agents' door. */
export type Gateway = {
  readonly presence: Presence;
  /** Refused connections and enrolments by reason, since the start. */
  refusals(): ReadonlyMap<string, number>;
  /** Starts to listen. @throws the error of `listen`, as EADDRINUSE */
  listen(host: string, port: number): Promise<void>;
  /** Sends the settings anew to every connected agent. */
  announceSettings(): void;
  /** Ends what an event made void: the connection of a removed node, or of a revoked certificate. */
  apply(event: Event): void;
  /** Tells the agents to come back later, writes the last heartbeats, stops. */
  stop(): Promise<void>;
};

/** Makes the agents' door: enrolment, then only mutually authenticated connections. */
export function createGateway(options: GatewayOptions): Gateway {
  const { store, authority, identity, clock, log, serverId } = options;
  const presence = new Presence(clock);
  const desk = new Desk({ ...options, presence });
  const announceLimit = new RateLimit(clock, { perMinute: 1, burst: 3 });
  const refusals = new Refusals(log, (key) => announceLimit.take(key), (refusal, peer) => announceRefusal(store, log, refusal.reason, refusal.message, peer));
  const enrolLimit = new RateLimit(clock, { perMinute: 120, burst: 200 });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false });
  const server = createServer({
    key: identity.keyPem,
    // The root goes along: an agent that enrols compares it with its token before it says anything.
    cert: identity.chainPem + authority.rootPem,
    ca: [authority.rootPem, authority.intermediatePem],
    requestCert: true,
    // Whoever is refused is told why, and it is logged: so the certificate is judged here and not by a dropped handshake.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  });
  server.on('request', (request, response) => {
    const address = addressOf(request);
    if (request.method !== 'POST' || request.url !== '/enroll') {
      sendJson(response, 404, problem('not-found', 'This is the agents’ door of a Muster server; the panel is on another port.').problem);
    } else if (!enrolLimit.take(address)) {
      sendJson(response, 429, problem('too-many-requests', 'Too many enrolments from this address. Try again in a minute.').problem);
    } else {
      const note = (refusal: { reason: string; message: string }, nodeName?: string) => refusals.note(refusal, { address, nodeName });
      void answerEnrolment(request, response, { ...options, servers: () => options.settings().servers, note });
    }
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.debug({ error: error.message }, 'a connection failed before it was accepted'));
    admit(request, socket as TLSSocket, head).catch((error: unknown) => {
      const away = isStoreUnavailable(error);
      log[away ? 'warn' : 'error']({ error: String(error) }, 'a connection could not be checked');
      refuse(socket, 503, 'try again');
    });
  });
  const admit = async (request: IncomingMessage, socket: TLSSocket, head: Buffer) => {
    if (request.url !== '/agent') return refuse(socket, 404, 'not found');
    const verdict = await checkPeer(socket, authority, store, clock);
    if (!verdict.ok) {
      refusals.note(verdict.refusal, { address: addressOf(request), nodeId: verdict.nodeId });
      return refuse(socket, 403, verdict.refusal.message);
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => new Session(verdict.identity, webSocket, desk));
  };
  const writer = new HeartbeatWriter(presence, (heard) => store.presence.recordHeartbeats(heard, serverId), log);
  return {
    presence,
    refusals: () => refusals.counts(),
    listen: (host, port) => listen(server, host, port).then(() => writer.start()),
    announceSettings: () => {
      for (const connection of presence.connections()) {
        if (connection instanceof Session) connection.send({ type: 'settings', settings: options.settings() });
      }
    },
    apply: (event) => applyEvent(presence, event),
    stop: async () => {
      for (const connection of presence.connections()) connection.close(closeCodes.goingAway, 'the server is going down');
      server.close();
      sockets.close();
      await writer.stop();
      server.closeAllConnections();
    },
  };
}

function applyEvent(presence: Presence, event: Event): void {
  if (event.nodeId === null) return;
  const connection = presence.connectionOf(event.nodeId);
  if (event.kind === 'node-removed') {
    connection?.close(closeCodes.refused, 'the node was removed');
    presence.forget(event.nodeId);
  } else if (event.kind === 'certificate-revoked' && connection?.serial === event.data['serial']) {
    connection?.close(closeCodes.refused, 'the certificate was revoked');
  }
}

function announceRefusal(store: Store, log: Log, reason: string, message: string, peer: RefusedPeer): void {
  const event = {
    kind: 'connection-refused' as const,
    severity: 'warning' as const,
    nodeId: peer.nodeId ?? null,
    nodeName: peer.nodeName ?? null,
    message: `Refused at the agents’ door: ${message}`,
    data: { reason, address: peer.address },
  };
  store.events.append(event).catch((error: unknown) => log.warn({ error: String(error) }, 'a refusal could not be written as an event'));
}

const addressOf = (request: IncomingMessage) => request.socket.remoteAddress ?? 'unknown';

function refuse(socket: Duplex, status: number, message: string): void {
  const body = JSON.stringify({ message });
  socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: false }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
