import { type AgentSettings, closeCodes, type Facts, type ServerMessage, type ServicesReport } from '@muster/api';
import type { Clock, Log } from '@muster/core';
import { isStoreUnavailable, type Store } from '@muster/store';
import { TrustError, type Authority } from '@muster/trust';
import type { Connection, Presence } from './presence.ts';
import { signedCertificate } from './signed-certificate.ts';
import type { SessionIdentity } from './session-identity.ts';

/** How long a replaced connection may stay open, so that an agent that changes its certificate misses no heartbeat. */
const handoverMs = 3000;

export type DeskParts = {
  readonly store: Store;
  readonly authority: Authority;
  readonly presence: Presence;
  readonly clock: Clock;
  readonly log: Log;
  readonly serverId: string;
  readonly certificateLifetimeDays: number;
  readonly settings: () => AgentSettings;
};

/** What the sessions have in common: they report here, and here it is written down. */
export class Desk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  get log(): Log {
    return this.#parts.log;
  }

  settings(): AgentSettings {
    return this.#parts.settings();
  }

  /** A session has said hello: it is the node's connection from now on. */
  arrived(session: Connection, identity: SessionIdentity, nodeClockMs: number): void {
    const { presence, store, serverId, clock } = this.#parts;
    const previous = presence.open(session);
    presence.heard(identity.nodeId, nodeClockMs - clock.wallMs());
    if (previous !== undefined) {
      setTimeout(() => previous.close(closeCodes.replaced, 'a newer connection of this node took over'), handoverMs).unref();
      return;
    }
    this.#write(identity, 'connected', async () => {
      await store.presence.setConnected(identity.nodeId, serverId, true);
      await store.events.append(eventOf(identity, 'node-connected', 'The agent connected.'));
    });
  }

  /** A session is over. */
  left(session: Connection, identity: SessionIdentity): void {
    const { presence, store, serverId } = this.#parts;
    if (!presence.close(session)) return;
    this.#write(identity, 'disconnected', async () => {
      // The agent may be back before this statement runs; what holds now is written, not what held then.
      await store.presence.setConnected(identity.nodeId, serverId, presence.connectionOf(identity.nodeId) !== undefined);
      await store.events.append(eventOf(identity, 'node-disconnected', 'The connection of the agent ended.'));
    });
  }

  heard(nodeId: string, nodeClockMs: number): void {
    this.#parts.presence.heard(nodeId, nodeClockMs - this.#parts.clock.wallMs());
  }

  /** The first heartbeat with a certificate proves it; the node's earlier ones end. */
  async prove(serial: string): Promise<void> {
    await this.#parts.store.certificates.prove(serial);
  }

  async observed(identity: SessionIdentity, facts: Facts, services: ServicesReport): Promise<void> {
    const { observations, events } = this.#parts.store;
    if (await observations.saveFacts(identity.nodeId, facts)) {
      await events.append(eventOf(identity, 'node-facts', 'The agent reported changed facts.'));
    }
    if (await observations.saveServices(identity.nodeId, services)) {
      await events.append(eventOf(identity, 'node-services', 'The agent reported changed services.'));
    }
  }

  /** Signs a new certificate for a new key of the same node. */
  async renew(identity: SessionIdentity, id: string, csrPem: string): Promise<ServerMessage> {
    const { authority, store, clock, certificateLifetimeDays } = this.#parts;
    const node = await store.nodes.get(identity.nodeId);
    try {
      const signed = await authority.signNode({
        csrPem,
        nodeId: node.id,
        nodeName: node.name,
        addresses: addressesOf(node),
        lifetimeDays: certificateLifetimeDays,
        now: new Date(clock.wallMs()),
      });
      await store.certificates.record({ ...signedCertificate(signed), nodeId: node.id, nodeName: node.name });
      return { type: 'certificate', id, chainPem: signed.chainPem };
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      this.log.warn({ node: node.name, reason: error.message }, 'renewal refused');
      return { type: 'renewal-refused', id, reason: error.message };
    }
  }

  #write(identity: SessionIdentity, what: string, write: () => Promise<void>): void {
    write().catch((error: unknown) => {
      const level = isStoreUnavailable(error) ? 'warn' : 'error';
      this.log[level]({ node: identity.nodeName, what, error: String(error) }, 'presence of a node could not be written');
    });
  }
}

/** The addresses that go into a node's certificate: what the administrator gave, never what the node asks for. */
export function addressesOf(node: { privateIp: string | null; publicIp: string | null }): string[] {
  return [node.privateIp, node.publicIp].filter((address) => address !== null);
}

function eventOf(identity: SessionIdentity, kind: 'node-connected' | 'node-disconnected' | 'node-facts' | 'node-services', message: string) {
  return { kind, severity: 'info' as const, nodeId: identity.nodeId, nodeName: identity.nodeName, message, data: {} };
}
