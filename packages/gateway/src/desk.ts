import { closeCodes, type AgentSettings, type Facts, type ServerMessage, type ServicesReport } from '@muster/api';
import { type Clock, type Log, RateLimit } from '@muster/core';
import type { Store } from '@muster/store';
import { isTrustError, type Authority } from '@muster/trust';
import type { NodeWrites } from './node-writes.ts';
import type { Connection, Presence } from './presence.ts';
import type { SessionIdentity } from './session-identity.ts';
import type { Sessions } from './sessions.ts';
import { signedCertificate } from './signed-certificate.ts';
import { untilStoreIsBack } from './until-store-is-back.ts';

/** How long a replaced connection may stay open, so that an agent that changes its certificate misses no heartbeat. */
const handoverMs = 3000;
/** Certificates a node may ask for; each costs a signature and a row that is kept. */
const renewalLimit = { perMinute: 1, burst: 5 };

export type DeskParts = {
  readonly store: Store;
  readonly authority: Authority;
  readonly presence: Presence;
  readonly sessions: Sessions;
  readonly writes: NodeWrites;
  readonly clock: Clock;
  readonly log: Log;
  readonly serverId: string;
  readonly certificateLifetimeDays: number;
  readonly settings: () => AgentSettings;
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

  settings(): AgentSettings {
    return this.#parts.settings();
  }

  /** A session has said hello: it is the node's connection from now on. */
  arrived(session: Connection, identity: SessionIdentity, nodeClockMs: number): void {
    const { presence } = this.#parts;
    const previous = presence.open(session);
    this.heard(identity.nodeId, nodeClockMs);
    if (previous === undefined) this.#writeConnected(identity, 'node-connected', 'The agent connected.');
    else setTimeout(() => previous.close(closeCodes.replaced, 'a newer connection of this node took over'), handoverMs).unref();
  }

  /** A session is over. */
  left(session: Connection, identity: SessionIdentity): void {
    if (!this.#parts.presence.close(session)) return;
    this.#writeConnected(identity, 'node-disconnected', 'The connection of the agent ended.');
  }

  heard(nodeId: string, nodeClockMs: number): void {
    this.#parts.presence.heard(nodeId, nodeClockMs - this.#parts.clock.wallMs());
  }

  /** The first heartbeat with a certificate proves it; the node's earlier ones end, with the connections that use them. */
  async prove(serial: string, signal: AbortSignal): Promise<void> {
    const { store, sessions } = this.#parts;
    sessions.superseded(await untilStoreIsBack(() => store.certificates.prove(serial), signal));
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

  /** Signs a new certificate for a new key of the same node. */
  async renew(identity: SessionIdentity, id: string, csrPem: string, signal: AbortSignal): Promise<ServerMessage> {
    if (!this.#renewals.take(identity.nodeId)) return this.#refuseRenewal(identity, id, 'too many renewals; try again later');
    try {
      return { type: 'certificate', id, chainPem: await untilStoreIsBack(() => this.#sign(identity, csrPem), signal) };
    } catch (error) {
      if (!isTrustError(error)) throw error;
      return this.#refuseRenewal(identity, id, error.message);
    }
  }

  async #sign({ nodeId }: SessionIdentity, csrPem: string): Promise<string> {
    const { authority, store, clock, certificateLifetimeDays: lifetimeDays } = this.#parts;
    const node = await store.nodes.get(nodeId);
    const request = { csrPem, nodeId: node.id, nodeName: node.name, addresses: addressesOf(node), lifetimeDays };
    const signed = await authority.signNode({ ...request, now: new Date(clock.wallMs()) });
    await store.certificates.record({ ...signedCertificate(signed), nodeId: node.id, nodeName: node.name });
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
      await store.presence.setConnected(identity.nodeId, serverId, presence.connectionOf(identity.nodeId) !== undefined);
      await store.events.append(eventOf(identity, kind, message));
    });
  }

  #announce(identity: SessionIdentity, kind: 'node-facts' | 'node-services', message: string, signal: AbortSignal): Promise<void> {
    return untilStoreIsBack(() => this.#parts.store.events.append(eventOf(identity, kind, message)), signal);
  }
}

/** The addresses that go into a node's certificate: what the administrator gave, never what the node asks for. */
export function addressesOf(node: { privateIp: string | null; publicIp: string | null }): string[] {
  return [node.privateIp, node.publicIp].filter((address) => address !== null);
}

type SessionEvent = 'node-connected' | 'node-disconnected' | 'node-facts' | 'node-services';

const eventOf = ({ nodeId, nodeName }: SessionIdentity, kind: SessionEvent, message: string) => ({
  kind,
  severity: 'info' as const,
  nodeId,
  nodeName,
  message,
  data: {},
});
