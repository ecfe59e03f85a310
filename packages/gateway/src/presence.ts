import type { Clock } from '@muster/core';

/** The side of an agent's connection that the presence table needs. */
export type Connection = {
  readonly nodeId: string;
  readonly serial: string;
  /** Ends the connection with a WebSocket close code of the protocol. */
  close(code: number, reason: string): void;
};

type Entry = { connection: Connection | undefined; lastHeardMs: number; clockSkewMs: number };

/**
 * Which agents this server holds and when it last heard each, in memory: the fleet's heartbeats touch nothing else.
 * Only the monotonic clock counts.
 */
export class Presence {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #heardSinceFlush = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a connection in. Returns the one it replaces, which the caller ends. */
  open(connection: Connection): Connection | undefined {
    const entry = this.#entries.get(connection.nodeId);
    const previous = entry?.connection;
    this.#entries.set(connection.nodeId, {
      connection,
      lastHeardMs: this.#clock.monotonicMs(),
      clockSkewMs: entry?.clockSkewMs ?? 0,
    });
    this.#heardSinceFlush.add(connection.nodeId);
    return previous;
  }

  /** Forgets a connection; true when it was the current one of its node, so that the node is no longer connected. */
  close(connection: Connection): boolean {
    const entry = this.#entries.get(connection.nodeId);
    if (entry?.connection !== connection) return false;
    entry.connection = undefined;
    return true;
  }

  /** Notes a heartbeat. A connection that was replaced meanwhile still proves that the node lives. */
  heard(nodeId: string, clockSkewMs: number): void {
    const entry = this.#entries.get(nodeId);
    if (entry === undefined) return;
    entry.lastHeardMs = this.#clock.monotonicMs();
    entry.clockSkewMs = clockSkewMs;
    this.#heardSinceFlush.add(nodeId);
  }

  /** Milliseconds since the node was last heard by this process, or null when it never was. */
  sinceHeardMs(nodeId: string): number | null {
    const entry = this.#entries.get(nodeId);
    return entry === undefined ? null : this.#clock.monotonicMs() - entry.lastHeardMs;
  }

  /** The open connection of a node, if there is one. */
  connectionOf(nodeId: string): Connection | undefined {
    return this.#entries.get(nodeId)?.connection;
  }

  /** All open connections. */
  connections(): Connection[] {
    return [...this.#entries.values()].map((entry) => entry.connection).filter((connection) => connection !== undefined);
  }

  /** Drops everything known of a removed node. */
  forget(nodeId: string): void {
    this.#entries.delete(nodeId);
    this.#heardSinceFlush.delete(nodeId);
  }

  /** Nodes heard since the last call, for one batched statement. */
  takeHeard(): { nodeId: string; clockSkewMs: number }[] {
    const heard = [...this.#heardSinceFlush].map((nodeId) => ({ nodeId, clockSkewMs: this.#entries.get(nodeId)?.clockSkewMs ?? 0 }));
    this.#heardSinceFlush.clear();
    return heard;
  }

  /** Gives back what a failed statement could not write. */
  putBack(heard: readonly { nodeId: string }[]): void {
    for (const { nodeId } of heard) if (this.#entries.has(nodeId)) this.#heardSinceFlush.add(nodeId);
  }
}
