import { closeCodes, spokenProtocols, type AgentMessage, type ServerMessage } from '@muster/api';
import { RateLimit } from '@muster/core';
import type { WebSocket } from 'ws';
import type { Desk } from './desk.ts';
import type { Connection } from './presence.ts';
import { readAgentMessage } from './read-agent-message.ts';
import type { SessionIdentity } from './session-identity.ts';
import type { KeptSession } from './sessions.ts';
import type { TrustingSession } from './trust-desk.ts';
import { untilStoreIsBack } from './until-store-is-back.ts';

type Message<T extends AgentMessage['type']> = Extract<AgentMessage, { type: T }>;

/** An agent that says nothing after it connected is dropped after this long. */
const helloTimeoutMs = 10_000;
/** The peer's part of the closing handshake is awaited for so long. */
const closeTimeoutMs = 2000;
/** What an agent may have waiting to be handled; a healthy one has one thing at a time. */
const maxWaiting = 16;
/** A healthy agent sends a message every some seconds. */
const messageLimit = { perMinute: 600, burst: 200 };
/** An agent that does not read its answers is dropped at so many bytes. */
const maxUnreadBytes = 1_048_576;

/**
 * One agent's connection. Messages are handled in order; heartbeats at once, so that a slow statement never makes a node
 * look dead. Whatever a message says, it is about this session's own node. A database that is away does not end the session: what
 * the agent said waits, the last report of all.
 */
export class Session implements Connection, KeptSession, TrustingSession {
  readonly identity: SessionIdentity;
  readonly ended: Promise<void>;
  readonly #socket: WebSocket;
  readonly #desk: Desk;
  readonly #limit: RateLimit;
  readonly #closed = new AbortController();
  #lastMessageMs: number;
  #greeted = false;
  #closing = false;
  #proven = false;
  #report: Message<'report'> | undefined;
  #waiting = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(identity: SessionIdentity, socket: WebSocket, desk: Desk) {
    this.identity = identity;
    this.#socket = socket;
    this.#desk = desk;
    this.#limit = new RateLimit(desk.clock, messageLimit);
    this.#lastMessageMs = desk.clock.monotonicMs();
    const { promise: socketClosed, resolve } = Promise.withResolvers<void>();
    this.ended = socketClosed.then(() => this.#work);
    const silence = setTimeout(() => this.close(closeCodes.protocol, 'no hello'), helloTimeoutMs);
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      clearTimeout(silence);
      this.#receive(isBinary ? undefined : data.toString('utf8'));
    });
    // The WebSocket answers pings by itself; a flood of them counts like one of messages.
    socket.on('ping', () => {
      if (!this.#closing && !this.#limit.take('')) this.#offend('too many messages at once');
    });
    socket.on('error', (error) => desk.log.info({ node: identity.nodeName, error: error.message }, 'connection of an agent failed'));
    socket.on('close', () => {
      clearTimeout(silence);
      this.#closed.abort();
      desk.trust.left(this);
      if (this.#greeted) desk.left(this, identity);
      resolve();
    });
  }

  get nodeId(): string {
    return this.identity.nodeId;
  }

  get greeted(): boolean {
    return this.#greeted;
  }

  get lastMessageMs(): number {
    return this.#lastMessageMs;
  }

  /** Sends a message; nothing happens when the connection is already gone. */
  send(message: ServerMessage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > maxUnreadBytes) this.terminate();
    else this.#socket.send(JSON.stringify(message));
  }

  /** Ends it in order. Nothing that the agent says from now on counts. */
  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), closeTimeoutMs).unref();
  }

  terminate(): void {
    this.#closing = true;
    this.#socket.terminate();
  }

  #receive(text: string | undefined): void {
    if (this.#closing) return;
    this.#lastMessageMs = this.#desk.clock.monotonicMs();
    if (!this.#limit.take('')) return this.#offend('too many messages at once');
    const message = text === undefined ? undefined : readAgentMessage(text);
    if (message === undefined || (message.type === 'hello') === this.#greeted) return this.#offend('message not understood');
    if (message.type === 'hello') this.#greet(message);
    else if (message.type === 'heartbeat') this.#heartbeat(message);
    else if (message.type === 'report') this.#keep(message);
    else this.#certificates(message);
  }

  /** Everything about this node's certificates and the authorities it trusts. */
  #certificates(message: AgentMessage): void {
    const { trust } = this.#desk;
    if (message.type === 'renew')
      this.#enqueue(async (signal) => this.send(await this.#desk.renew(this.identity, message.id, message.csrPem, signal)));
    else if (message.type === 'trusts') this.#enqueue((signal) => untilStoreIsBack(() => trust.trusts(this, message.roots), signal));
    else if (message.type === 'certificate-taken') this.#enqueue((signal) => untilStoreIsBack(() => trust.taken(this, message), signal));
    else this.#answered(message);
  }

  /** What belongs to something that was asked of the node. */
  #answered(message: AgentMessage): void {
    const { tasks, journals } = this.#desk;
    if (message.type === 'journal' || message.type === 'journal-end') journals.received(this.identity, message);
    else if (message.type === 'task-taken') this.#enqueue((signal) => tasks.taken(this.identity, message.id, signal));
    else if (message.type === 'task-result') this.#enqueue(async (signal) => this.send(await tasks.ended(this.identity, message, signal)));
  }

  #offend(reason: string): void {
    this.#desk.log.warn({ node: this.identity.nodeName, reason }, 'an agent broke the protocol; its connection is closed');
    this.close(closeCodes.protocol, reason);
  }

  #greet(hello: Message<'hello'>): void {
    const { oldest, newest } = spokenProtocols;
    if (hello.protocol < oldest || hello.protocol > newest)
      return this.#offend(`this server speaks protocol ${oldest === newest ? newest : `${oldest} to ${newest}`}`);
    this.#greeted = true;
    this.#desk.arrived(this, this.identity, hello.clockMs);
    this.send({ type: 'welcome', nodeId: this.nodeId, nodeName: this.identity.nodeName, settings: this.#desk.settings(this.nodeId) });
    this.#enqueue((signal) => untilStoreIsBack(() => this.#desk.trust.greeted(this, hello.roots), signal));
    this.#desk.journals.welcomed(this.nodeId);
  }

  #heartbeat({ sequence, clockMs }: Message<'heartbeat'>): void {
    this.#desk.heard(this.nodeId, clockMs);
    this.send({ type: 'heartbeat-ack', sequence });
    if (this.#proven) return;
    this.#proven = true;
    this.#enqueue((signal) => this.#desk.prove(this.identity.serial, signal));
  }

  /** Only the last report counts: one that comes while another is being written takes the place of all that wait. */
  #keep(report: Message<'report'>): void {
    const underWay = this.#report !== undefined;
    this.#report = report;
    if (!underWay) this.#enqueue((signal) => this.#saveReports(signal));
  }

  async #saveReports(signal: AbortSignal): Promise<void> {
    for (let last = this.#report; last !== undefined; last = this.#report) {
      await this.#desk.observed(this.identity, last.facts, last.services, signal);
      if (last.environments !== undefined) await this.#desk.observedEnvironments(this.identity, last.environments, signal);
      if (this.#report === last) this.#report = undefined;
    }
  }

  #enqueue(task: (signal: AbortSignal) => Promise<void>): void {
    if (this.#waiting >= maxWaiting) return this.#offend('too many messages at once');
    this.#waiting += 1;
    const { signal } = this.#closed;
    this.#work = this.#work
      .then(() => (signal.aborted ? undefined : task(signal)))
      .catch((error: unknown) => {
        // What a closed connection leaves behind is no failure: the agent reports afresh when it is back.
        if (signal.aborted) return;
        this.#desk.log.error({ node: this.identity.nodeName, error: String(error) }, 'a message of an agent could not be handled');
        this.close(closeCodes.goingAway, 'try again');
      })
      .finally(() => {
        this.#waiting -= 1;
      });
  }
}
