import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { maxMessageBytes, problem, ProblemError } from '@muster/api';
import { RateLimit } from '@muster/core';
import { isStoreUnavailable } from '@muster/store';
import { WebSocketServer } from 'ws';
import { ArtifactDownloads } from './artifact-downloads.ts';
import { refuseUpgrade, sendJson, sendProblem } from './answers.ts';
import type { Desk } from './desk.ts';
import { enrol } from './enrol.ts';
import { authorityFor, DoorIdentities, secureContextOf } from './door-identities.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { MemberDoor } from './member-door.ts';
import { checkPeer, type PeerCheckParts } from './peer-check.ts';
import type { Refusal, Refusals } from './refusals.ts';
import { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** Enrolments from one address, good and bad. A rack behind one address enrols together. */
const enrolLimit = { perMinute: 120, burst: 200 };
/** Who is slower than this in its handshake or its request is no agent. */
const timesMs = { handshakeTimeout: 10_000, headersTimeout: 10_000, requestTimeout: 20_000 };

export type DoorParts = GatewayOptions & {
  readonly desk: Desk;
  readonly sessions: Sessions;
  readonly refusals: Refusals;
  readonly downloads: ArtifactDownloads;
  readonly peers: PeerCheckParts;
  readonly memberDoor: MemberDoor;
};

/** The server behind the agents' door and its WebSockets. */
export type Door = { readonly server: Server; readonly sockets: WebSocketServer };

/** Makes the TLS server: requests are enrolments, upgrades are agents; and what other servers of the pool ask. */
export function makeDoor(parts: DoorParts): Door {
  const { authorities, log } = parts;
  const identities = new DoorIdentities(authorities);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false });
  const server = createServer({
    ...secureContextOf(authorities.shown(), authorities),
    ...timesMs,
    SNICallback: (name, done) => {
      try {
        done(null, identities.contextFor(name));
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
    requestCert: true,
    // Whoever is refused is told why, and it is logged: so the certificate is judged here and not by a dropped handshake.
    rejectUnauthorized: false,
  });
  const limit = new RateLimit(parts.clock, enrolLimit);
  server.on('request', (request, response) => {
    if (MemberDoor.wanted(request)) return void parts.memberDoor.request(request, response);
    const artifact = ArtifactDownloads.wanted(request);
    if (artifact === undefined) void answerRequest(request, response, parts, limit);
    else void parts.downloads.answer(request, response, artifact);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.debug({ error: error.message }, 'a connection failed before it was accepted'));
    if (MemberDoor.wanted(request)) return void parts.memberDoor.upgrade(request, socket, head);
    admit(request, socket as TLSSocket, head, sockets, parts).catch((error: unknown) => {
      log[isStoreUnavailable(error) ? 'warn' : 'error']({ error: String(error) }, 'a connection could not be checked');
      refuseUpgrade(socket, 503, 'The server cannot check certificates for the moment. Try again.');
    });
  });
  server.on('tlsClientError', (error) => log.debug({ error: error.message }, 'a TLS handshake failed'));
  return { server, sockets };
}

const addressOf = (request: IncomingMessage) => request.socket.remoteAddress ?? 'unknown';

async function answerRequest(request: IncomingMessage, response: ServerResponse, parts: DoorParts, limit: RateLimit): Promise<void> {
  const address = addressOf(request);
  try {
    if (request.method !== 'POST' || request.url !== '/enroll')
      throw problem('not-found', 'This is the agents’ door of a Muster server; the panel is on another port.');
    if (!limit.take(address)) throw problem('too-many-requests', 'Too many enrolments from this address. Try again in a minute.');
    const servers = (nodeId: string) => parts.settings(nodeId).servers;
    const authority = authorityFor((request.socket as TLSSocket).servername, parts.authorities);
    const note = (refusal: Refusal, nodeName?: string) => parts.refusals.note(refusal, { address, nodeName });
    sendJson(response, await enrol(request, { ...parts, authority, servers, note }));
  } catch (error) {
    if (error instanceof ProblemError) return sendProblem(response, error);
    response.destroy();
  }
}

async function admit(request: IncomingMessage, socket: TLSSocket, head: Buffer, sockets: WebSocketServer, parts: DoorParts): Promise<void> {
  if (request.url !== '/agent') return refuseUpgrade(socket, 404, 'Agents connect to /agent.');
  const verdict = await checkPeer(socket, parts.peers);
  if (!verdict.ok) {
    parts.refusals.note(verdict.refusal, { address: addressOf(request), nodeId: verdict.nodeId, nodeName: verdict.nodeName });
    return refuseUpgrade(socket, 403, verdict.refusal.message);
  }
  sockets.handleUpgrade(request, socket, head, (webSocket) => parts.sessions.add(new Session(verdict.identity, webSocket, parts.desk)));
}
