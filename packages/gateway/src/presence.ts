import type { ServerMessage } from '@muster/api';
import type { Clock } from '@muster/core';

/** The side of an agent's connection that the presence table needs. */
export type Connection = {
  readonly nodeId: string;
  /** Sends a message; nothing happens when the connection is already gone. */
  send(message: ServerMessage): void;
  /** Ends the connection with a WebSocket close code of the protocol. */
  close(code: number, reason: string): void;
};

/** A node that was heard, and its clock minus ours. */
export type Heard = { readonly nodeId: string; readonly clockSkewMs: number };

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

  /** The nodes that are connected here. */
  connected(): string[] {
    return [...this.#entries].flatMap(([nodeId, { connection }]) => (connection === undefined ? [] : [nodeId]));
  }

  /** Drops everything known of a removed node. */
  forget(nodeId: string): void {
    this.#entries.delete(nodeId);
    this.#heardSinceFlush.delete(nodeId);
  }

  /** Nodes heard since the last call, for one batched statement; those last heard longer ago than `maxAgeMs` are left out. */
  takeHeard(maxAgeMs: number): Heard[] {
    const nowMs = this.#clock.monotonicMs();
    const heard = [...this.#heardSinceFlush].flatMap((nodeId) => {
      const entry = this.#entries.get(nodeId);
      return entry === undefined || nowMs - entry.lastHeardMs > maxAgeMs ? [] : [{ nodeId, clockSkewMs: entry.clockSkewMs }];
    });
    this.#heardSinceFlush.clear();
    return heard;
  }

  /** Gives back what a failed statement could not write. */
  putBack(heard: readonly { readonly nodeId: string }[]): void {
    for (const { nodeId } of heard) if (this.#entries.has(nodeId)) this.#heardSinceFlush.add(nodeId);
  }
}
