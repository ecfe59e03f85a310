import { closeCodes, type AgentSettings, type Facts, type EnvironmentsReport, type ServerMessage, type ServicesReport } from '@muster/api';
import { type Clock, type Log, RateLimit } from '@muster/core';
import { AuthorityRetired, type Overlap, type Store } from '@muster/store';
import { isTrustError } from '@muster/trust';
import type { Authorities } from './gateway-options.ts';
import type { Journals } from './journals.ts';
import type { NodeWrites } from './node-writes.ts';
import type { Connection, Presence } from './presence.ts';
import type { SessionIdentity } from './session-identity.ts';
import { signedCertificate } from './signed-certificate.ts';
import type { TrustDesk } from './trust-desk.ts';
import type { TaskDelivery } from './task-delivery.ts';
import { untilStoreIsBack } from './until-store-is-back.ts';

/** How long a replaced connection may stay open, so that an agent that changes its certificate misses no heartbeat. */
const handoverMs = 3000;
/** Certificates a node may ask for; each costs a signature and a row that is kept. */
const renewalLimit = { perMinute: 1, burst: 5 };

export type DeskParts = {
  readonly store: Store;
  readonly authorities: Authorities;
  readonly presence: Presence;
  readonly trust: TrustDesk;
  readonly writes: NodeWrites;
  readonly tasks: TaskDelivery;
  readonly journals: Journals;
  readonly clock: Clock;
  readonly log: Log;
  readonly serverId: string;
  readonly certificateLifetimeDays: number;
  readonly overlap: Overlap;
  readonly settings: (nodeId?: string) => AgentSettings;
};

/** What the sessions have in common: they report here, and here it is written down. */
export class Desk {
  readonly #parts: DeskParts;
  readonly #renewals: RateLimit;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#renewals = new RateLimit(parts.clock, renewalLimit);
  }

  get log(): Log {
    return this.#parts.log;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  get trust(): TrustDesk {
    return this.#parts.trust;
  }

  get tasks(): TaskDelivery {
    return this.#parts.tasks;
  }

  get journals(): Journals {
    return this.#parts.journals;
  }

  settings(nodeId: string): AgentSettings {
    return this.#parts.settings(nodeId);
  }

  /** A session has said hello: it is the node's connection from now on. */
  arrived(session: Connection, identity: SessionIdentity, nodeClockMs: number): void {
    const { presence } = this.#parts;
    const previous = presence.open(session);
    this.heard(identity.nodeId, nodeClockMs);
    this.tasks.arrived(identity.nodeId);
    if (previous === undefined) this.#writeConnected(identity, 'node-connected', 'The agent connected.');
    else setTimeout(() => previous.close(closeCodes.replaced, 'a newer connection of this node took over'), handoverMs).unref();
  }

  /** A session is over. */
  left(session: Connection, identity: SessionIdentity): void {
    if (!this.#parts.presence.close(session)) return;
    this.journals.left(identity.nodeId);
    this.#writeConnected(identity, 'node-disconnected', 'The connection of the agent ended.');
  }

  heard(nodeId: string, nodeClockMs: number): void {
    this.#parts.presence.heard(nodeId, nodeClockMs - this.#parts.clock.wallMs());
  }

  /** The first heartbeat with a certificate proves it, and lets the node's earlier ones retire. */
  async prove(serial: string, signal: AbortSignal): Promise<void> {
    const { store, overlap } = this.#parts;
    await untilStoreIsBack(() => store.certificates.prove(serial, overlap), signal);
  }

  async observed(identity: SessionIdentity, facts: Facts, services: ServicesReport, signal: AbortSignal): Promise<void> {
    const { observations } = this.#parts.store;
    if (await untilStoreIsBack(() => observations.saveFacts(identity.nodeId, facts), signal)) {
      await this.#announce(identity, 'node-facts', 'The agent reported changed facts.', signal);
    }
    if (await untilStoreIsBack(() => observations.saveServices(identity.nodeId, services), signal)) {
      await this.#announce(identity, 'node-services', 'The agent reported changed services.', signal);
    }
  }

  async observedEnvironments(identity: SessionIdentity, report: EnvironmentsReport, signal: AbortSignal): Promise<void> {
    const { observations } = this.#parts.store;
    if (await untilStoreIsBack(() => observations.saveEnvironments(identity.nodeId, report), signal))
      await this.#announce(identity, 'environment-task', 'The agent reported changed environments.', signal);
  }

  /** Signs a new certificate for a new key of the same node. */
  async renew(identity: SessionIdentity, id: string, csrPem: string, signal: AbortSignal): Promise<ServerMessage> {
    if (!this.#renewals.take(identity.nodeId)) return this.#refuseRenewal(identity, id, 'too many renewals; try again later');
    // A connection that was opened in time may outlast its certificate. Its end counts all the same: nobody else would have to know the key.
    if (this.#parts.clock.wallMs() > identity.notAfterMs)
      return this.#refuseRenewal(identity, id, 'the certificate of this connection has ended; enrol again with a new join token');
    try {
      return { type: 'certificate', id, chainPem: await untilStoreIsBack(() => this.#sign(identity, csrPem), signal) };
    } catch (error) {
      if (!isTrustError(error)) throw error;
      return this.#refuseRenewal(identity, id, error.message);
    }
  }

  async #sign(identity: SessionIdentity, csrPem: string): Promise<string> {
    try {
      return await this.#signNow(identity, csrPem);
    } catch (error) {
      if (!(error instanceof AuthorityRetired)) throw error;
      await this.#parts.authorities.refresh();
      return this.#signNow(identity, csrPem);
    }
  }

  async #signNow({ nodeId }: SessionIdentity, csrPem: string): Promise<string> {
    const { authorities, store, clock, certificateLifetimeDays: lifetimeDays } = this.#parts;
    const [authority] = authorities.trusted();
    const node = await store.nodes.get(nodeId);
    const request = { csrPem, nodeId: node.id, nodeName: node.name, addresses: addressesOf(node), lifetimeDays };
    const signed = await authority.signNode({ ...request, now: new Date(clock.wallMs()) });
    await store.certificates.record({ ...signedCertificate(signed, authority), nodeId: node.id, nodeName: node.name });
    return signed.chainPem;
  }

  #refuseRenewal(identity: SessionIdentity, id: string, reason: string): ServerMessage {
    this.log.warn({ node: identity.nodeName, reason }, 'renewal refused');
    return { type: 'renewal-refused', id, reason };
  }

  /** The agent may be back before the statement runs: what holds then is written, not what held when it was asked for. */
  #writeConnected(identity: SessionIdentity, kind: 'node-connected' | 'node-disconnected', message: string): void {
    const { presence, store, serverId, writes } = this.#parts;
    writes.add(identity, kind, async () => {
      const connected = presence.connectionOf(identity.nodeId) !== undefined;
      const counts = await store.presence.setConnected(identity.nodeId, serverId, connected);
      // The end of a connection that another server has taken over is no loss, and nobody is told of one.
      if (counts || kind === 'node-connected') await store.events.append(eventOf(identity, kind, message));
    });
  }

  #announce(
    identity: SessionIdentity,
    kind: 'node-facts' | 'node-services' | 'environment-task',
    message: string,
    signal: AbortSignal,
  ): Promise<void> {
    return untilStoreIsBack(() => this.#parts.store.events.append(eventOf(identity, kind, message)), signal);
  }
}

/** The addresses that go into a node's certificate: what the administrator gave, never what the node asks for. */
export function addressesOf(node: { privateIp: string | null; publicIp: string | null }): string[] {
  return [node.privateIp, node.publicIp].filter((address) => address !== null);
}

type SessionEvent = 'node-connected' | 'node-disconnected' | 'node-facts' | 'node-services' | 'environment-task';

const eventOf = ({ nodeId, nodeName }: SessionIdentity, kind: SessionEvent, message: string) => ({
  kind,
  severity: 'info' as const,
  nodeId,
  nodeName,
  message,
  data: {},
});
