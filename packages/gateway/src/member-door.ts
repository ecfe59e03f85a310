import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { apiPrefix, problem, ProblemError } from '@muster/api';
import { explainMember, type MemberVerdict } from '@muster/trust';
import { refuseUpgrade, sendProblem } from './answers.ts';
import { judgedByAll, type PeerCheckParts, shownCertificate } from './peer-check.ts';

/** What answers the other servers of the pool, once it is known that it is they who ask. */
export type MemberRequests = {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
};

export type MemberDoorParts = { readonly peers: PeerCheckParts; readonly members: () => MemberRequests | undefined };

/**
 * What the other servers of the pool ask through the agents' door: paths of the API, and only with the certificate of a server that is in the
 * pool. Whatever else is shown is refused, a node's certificate too.
 */
export class MemberDoor {
  readonly #parts: MemberDoorParts;

  constructor(parts: MemberDoorParts) {
    this.#parts = parts;
  }

  /** Whether a request is for it. */
  static wanted({ url }: IncomingMessage): boolean {
    return url?.startsWith(`${apiPrefix}/`) === true;
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      (await this.#admitted(request)).request(request, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else sendProblem(response, asProblem(error));
    }
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    try {
      (await this.#admitted(request)).upgrade(request, socket, head);
    } catch (error) {
      const refusal = asProblem(error);
      refuseUpgrade(socket, refusal.problem.status, refusal.message);
    }
  }

  async #admitted({ socket }: IncomingMessage): Promise<MemberRequests> {
    await this.memberAt(socket as TLSSocket);
    const answering = this.#parts.members();
    if (answering === undefined) throw problem('node-unavailable', 'This server is starting. Ask again.');
    return answering;
  }

  /** The id of the server of the pool at the other end. @throws ProblemError `not-allowed` for whoever is none, StoreUnavailable */
  async memberAt(socket: TLSSocket): Promise<string> {
    const { peers } = this.#parts;
    const certificate = shownCertificate(socket);
    if (certificate === undefined) throw problem('not-found', 'This is the agents’ door of a Muster server; the panel is on another port.');
    const verdict = await judgedByAll<MemberVerdict>(peers, (authority) => explainMember({ certificateDer: certificate, ...authority }));
    if (!verdict.ok) throw problem('not-allowed', `Only servers of the pool ask here: ${verdict.message}.`);
    if (!(await peers.store.members.list()).some(({ id }) => id === verdict.serverId))
      throw problem('not-allowed', `The server ${verdict.serverId} is not in this pool any more.`);
    return verdict.serverId;
  }
}

const asProblem = (error: unknown): ProblemError =>
  error instanceof ProblemError ? error : problem('store-unavailable', 'It cannot be checked for the moment who asks. Try again.');
