import { closeCodes, type Event, type ServerMessage } from '@muster/api';
import type { Clock } from '@muster/core';
import type { SessionIdentity } from './session-identity.ts';

/** The side of a session that all of them are kept by. */
export type KeptSession = {
  readonly identity: SessionIdentity;
  /** Resolves when the connection is closed and nothing of it waits to be done. */
  readonly ended: Promise<void>;
  /** Whether the agent has said hello. */
  readonly greeted: boolean;
  /** Monotonic time of the last message. */
  readonly lastMessageMs: number;
  send(message: ServerMessage): void;
  close(code: number, reason: string): void;
  /** Ends it without a word. */
  terminate(): void;
};

/** A connection that was being checked while its certificate or node ended is caught by this: longer than any check takes. */
const rememberEndedMs = 60_000;

/**
 * Every open connection of an agent, also those that a newer one has replaced or that have not said hello: what ends a
 * certificate or a node ends all of them.
 */
export class Sessions {
  readonly #clock: Clock;
  readonly #open = new Set<KeptSession>();
  readonly #endedAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps a session until it ends; one whose certificate or node ended while it was being checked is closed at once. */
  add(session: KeptSession): void {
    this.#open.add(session);
    void session.ended.then(() => this.#open.delete(session));
    const { serial, nodeId } = session.identity;
    if (this.#endedAtMs.has(serial) || this.#endedAtMs.has(nodeId)) session.close(closeCodes.refused, 'the certificate has ended');
  }

  /** Ends what an event made void. */
  apply({ kind, nodeId, nodeName, data }: Event): void {
    if (kind === 'certificate-revoked' && typeof data['serial'] === 'string') {
      this.#end(data['serial'], 'the certificate was revoked');
    } else if (kind === 'node-removed' && nodeId !== null) {
      this.#end(nodeId, 'the node was removed');
    } else if (kind === 'node-changed' && nodeName !== null) {
      // The agent hears its new name in the next welcome, and asks for its next certificate by it.
      this.#closeWhere((one) => one.nodeId === nodeId && one.nodeName !== nodeName, closeCodes.goingAway, 'the node has a new name');
    }
  }

  /** Serials in use by the open connections. */
  serials(): string[] {
    return [...new Set([...this.#open].map((session) => session.identity.serial))];
  }

  /** Ends the connections that use certificates which must not be used any more. */
  endSerials(ended: readonly { readonly serial: string; readonly reason: string }[]): void {
    for (const { serial, reason } of ended) this.#end(serial, `the certificate has ended (${reason})`);
  }

  /** Ends the connections whose certificates have ended by their own dates. */
  endExpired(wallMs: number): void {
    this.#closeWhere((one) => wallMs > one.notAfterMs, closeCodes.refused, 'the certificate has expired');
  }

  /** Drops connections on which nothing was heard for so long: their hosts are gone, and TCP has not noticed. */
  dropSilent(limitMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    for (const session of this.#open) if (nowMs - session.lastMessageMs > limitMs) session.terminate();
    for (const [key, atMs] of this.#endedAtMs) if (nowMs - atMs > rememberEndedMs) this.#endedAtMs.delete(key);
  }

  /** Tells everyone who has said hello what is for the node. */
  announce(messageFor: (nodeId: string) => ServerMessage | undefined): void {
    for (const session of this.#open) {
      const message = session.greeted ? messageFor(session.identity.nodeId) : undefined;
      if (message !== undefined) session.send(message);
    }
  }

  terminateAll(): void {
    for (const session of this.#open) session.terminate();
  }

  closeAll(code: number, reason: string): void {
    this.#closeWhere(() => true, code, reason);
  }

  /** Resolves when every session has ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.#open].map((session) => session.ended));
  }

  #end(key: string, reason: string): void {
    this.#endedAtMs.set(key, this.#clock.monotonicMs());
    this.#closeWhere((one) => one.serial === key || one.nodeId === key, closeCodes.refused, reason);
  }

  #closeWhere(matches: (identity: SessionIdentity) => boolean, code: number, reason: string): void {
    for (const session of this.#open) if (matches(session.identity)) session.close(code, reason);
  }
}
