import { randomUUID } from 'node:crypto';
import type { AgentMessage, JournalLine } from '@muster/api';
import type { Log } from '@muster/core';
import type { Presence } from './presence.ts';
import type { SessionIdentity } from './session-identity.ts';

/** What somebody wants to see of a unit's journal. */
export type JournalWish = {
  readonly nodeId: string;
  readonly unit: string;
  /** Of the past, the last so many. */
  readonly lines: number;
  /** And what comes, until it is closed. */
  readonly follow: boolean;
};

/** Somebody who reads a journal. `onEnd` is called once, at last: why, in words; empty when all that was wished was shown. */
export type JournalViewer = {
  readonly onLines: (lines: readonly JournalLine[], dropped: number) => void;
  readonly onEnd: (reason: string) => void;
};

/** An open journal; closing it is idempotent, and nothing is heard of it afterwards. */
export type OpenJournal = { readonly close: () => void };

/** Why a journal was not opened. */
export type JournalRefusal = 'not-connected' | 'too-many';

/** What people see of journals, over the agents that this server holds. */
export type JournalPort = { open(wish: JournalWish, viewer: JournalViewer): OpenJournal | JournalRefusal };

type Message = Extract<AgentMessage, { type: 'journal' | 'journal-end' }>;
type Entry = { readonly id: string; readonly wish: JournalWish; readonly viewer: JournalViewer };

/** Journals that are read through one server at the same time. */
const maxOpen = 100;

/** Brings what agents read of their journals to whoever asked on this server. An agent can only speak of journals of its own node. */
export class Journals implements JournalPort {
  readonly #presence: Presence;
  readonly #log: Log;
  readonly #open = new Map<string, Entry>();

  constructor(presence: Presence, log: Log) {
    this.#presence = presence;
    this.#log = log;
  }

  open(wish: JournalWish, viewer: JournalViewer): OpenJournal | JournalRefusal {
    const connection = this.#presence.connectionOf(wish.nodeId);
    if (connection === undefined) return 'not-connected';
    if (this.#open.size >= maxOpen) return 'too-many';
    const id = randomUUID();
    this.#open.set(id, { id, wish, viewer });
    const { unit, lines, follow } = wish;
    connection.send({ type: 'journal-open', id, unit, lines, follow });
    return { close: () => this.#close(id) };
  }

  /** An agent says something of a journal. What nobody waits for is told to end. */
  received({ nodeId, nodeName }: SessionIdentity, message: Message): void {
    const entry = this.#open.get(message.id);
    if (entry?.wish.nodeId !== nodeId) {
      if (message.type === 'journal') this.#presence.connectionOf(nodeId)?.send({ type: 'journal-close', id: message.id });
      this.#log.debug({ node: nodeName }, 'lines of a journal that nobody reads');
      return;
    }
    if (message.type === 'journal') entry.viewer.onLines(message.lines, message.dropped);
    else this.#end(entry, message.reason);
  }

  /** A newer connection of a node: the agent may have lost what it was asked on the one before, and goes on with what it has. */
  welcomed(nodeId: string): void {
    const connection = this.#presence.connectionOf(nodeId);
    for (const { id, wish } of this.#open.values()) {
      if (wish.nodeId === nodeId && wish.follow) connection?.send({ type: 'journal-open', id, unit: wish.unit, lines: 0, follow: true });
    }
  }

  /** A node is no longer connected here. */
  left(nodeId: string): void {
    for (const entry of [...this.#open.values()]) if (entry.wish.nodeId === nodeId) this.#end(entry, 'The connection of the agent ended.');
  }

  #end(entry: Entry, reason: string): void {
    this.#open.delete(entry.id);
    entry.viewer.onEnd(reason);
  }

  #close(id: string): void {
    const entry = this.#open.get(id);
    if (entry === undefined) return;
    this.#open.delete(id);
    this.#presence.connectionOf(entry.wish.nodeId)?.send({ type: 'journal-close', id });
  }
}
