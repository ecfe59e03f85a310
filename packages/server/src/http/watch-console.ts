import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { apiPrefix, maxConsoleMessageBytes, type OpenConsole, routes } from '@muster/api';
import { refusalOf, type Log } from '@muster/core';
import type { Store } from '@muster/store';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { consoleAudit } from '../consoles/console-audit.ts';
import type { ConsoleHub } from '../consoles/console-hub.ts';
import { ConsoleVisitor, visitOf } from '../consoles/console-visitor.ts';
import type { ConsolesElsewhere, ReachedConsole } from '../consoles/consoles-elsewhere.ts';
import { refuseNodes } from '../handlers/refuse-nodes.ts';
import { addressOf, allowed, checked, headersOf, type Identify, refuseForeignPage } from './bind-routes.ts';

/** What people at consoles take. */
export type ConsoleApp = {
  readonly hub: ConsoleHub;
  readonly store: Pick<Store, 'nodes' | 'audit'>;
  readonly log: Log;
  /** The consoles that other servers hold; undefined where those are not led on to. */
  readonly elsewhere?: ConsolesElsewhere;
};

const { getConsole } = routes;
type Upgrade = { readonly socket: Socket; readonly head: Buffer };
/** The connections that asked to become WebSockets, by their requests. */
const upgrades = new WeakMap<IncomingMessage, Upgrade>();

/** Whether a request is for the console itself. */
export const wantsConsole = (request: FastifyRequest): boolean =>
  request.routeOptions.url === apiPrefix + getConsole.path.replace(/\{(\w+)\}/gu, ':$1') && upgrades.has(request.raw);

/**
 * Lets requests for WebSockets go the way of all others, with their routes, checks and refusals. One that no route makes a WebSocket of is
 * answered as if it had not asked, and its connection ends.
 */
export function takeUpgrades(app: FastifyInstance): void {
  app.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    upgrades.set(request, { socket, head });
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on('finish', () => socket.end());
    app.routing(request, response);
  });
}

const sockets = new WebSocketServer({ noServer: true, maxPayload: maxConsoleMessageBytes, perMessageDeflate: false });

/** Answers with the console of a node as a WebSocket, with the checks that its route has. @throws ProblemError before anything was sent */
export async function watchConsole(
  request: FastifyRequest,
  reply: FastifyReply,
  { identify, consoles: { hub, store, log, elsewhere } }: { readonly identify: Identify; readonly consoles: ConsoleApp },
): Promise<void> {
  const upgrade = upgrades.get(request.raw);
  if (upgrade === undefined) return;
  const who = async () => identify(request, headersOf(request));
  const session = allowed(getConsole, await who());
  refuseForeignPage(request);
  const wish = checked(getConsole.query, request.query, 'query');
  const node = await store.nodes.get(checked(getConsole.params, request.params, 'path').node);
  refuseNodes(session, 'console', [node]);
  const mayStay = async () => {
    const now = await who();
    return now !== undefined && refusalOf(now, 'console', await store.nodes.get(node.id)) === undefined;
  };
  reply.hijack();
  reply.raw.detachSocket(upgrade.socket);
  const note = consoleAudit(store.audit, node, session, addressOf(request));
  const traveller = { node, session, from: addressOf(request), search: URL.parse(request.url, 'http://server')?.search ?? '', mayStay };
  const leadOn = elsewhere && {
    reach: (known?: OpenConsole) => elsewhere.reach(traveller, known),
    join: (near: WebSocket, reached: ReachedConsole) => elsewhere.join(near, reached, traveller),
  };
  const parts = {
    ...(leadOn && { leadOn }),
    hub,
    session,
    visit: visitOf(node, wish),
    readOnly: wish.readOnly === 'true',
    note,
    mayStay,
    log,
  };
  sockets.handleUpgrade(request.raw, upgrade.socket, upgrade.head, (socket) => void new ConsoleVisitor(socket, parts).arrive());
}
